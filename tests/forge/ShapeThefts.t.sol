// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {IWeightedPayouts} from "../../contracts/interfaces/IWeightedPayouts.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {AggregationRule, Children, Leaf, Node, Path, Proposal} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {LargeTree} from "./support/LargeTree.sol";

/// Trees of a shape of the thieves' own, in which they have tried to hide what nobody could guess: 96 participants have one
/// shape, three groups of 32, under every rule.
contract ShapeTheftsTest is LargeTree {
    uint256 private constant CROWD = 96;
    uint256 private constant GROUPS = 32;
    address private constant THIEF = address(uint160(0x1000 + CROWD)); // behind the last participant
    RoundId private id;

    function setUp() public {
        deployStaked();
        stakes.vectorLength = 1;
        stakes.proposerStake = uint128(8 * 5 * BOND); // the floor: five steps, four questions each
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = uint32(CROWD);
        id = play(CROWD, t);
    }

    /// A node over nodes, sound but for its shape.
    function _over(Node[] memory nodes) private pure returns (Node memory top, Children memory children) {
        children.nodes = nodes;
        (top.first, top.last) = (nodes[0].first, nodes[nodes.length - 1].last);
        for (uint256 i = 0; i < nodes.length; ++i) {
            (top.count, top.weight) = (top.count + nodes[i].count, top.weight + nodes[i].weight);
        }
        top.numeratorsRoot = keccak256("sums");
        top.childrenHash = keccak256(abi.encode(_hashes(children)));
    }

    /// The last leaf of a group says somebody else's name: its update counts on, and its pay is the thief's.
    function _swapped(uint256 from, uint256 to) private view returns (Node memory node, Leaf[] memory leaves) {
        leaves = this.childrenAt(from, to).leaves;
        leaves[leaves.length - 1].participant = THIEF;
        node = this.nodeAt(from, to);
        (node.last, node.childrenHash) = (THIEF, keccak256(abi.encode(hashesOf(leaves))));
    }

    function _isRejected() private view {
        same(staked.stakedRoundOf(id).proposer, address(0));
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        same(award(WATCHER), stakes.proposerStake / 2);
    }

    function _asks(Path memory path) private returns (uint256) {
        vm.prank(WATCHER);
        return questions.askNode(id, stakes, path);
    }

    function _closeAll(uint256 count) private {
        for (uint256 q = 0; q < count; ++q) {
            questions.closeQuestion(id, stakes, q);
        }
        same(free(WATCHER), FUNDS);
        same(award(PROPOSER), 0);
    }

    // --- a leaf swapped -----------------------------------------------------------------------

    /// 32 groups of three: all 33 nodes would have to be asked for, and half of the stake pays for 20.
    function test_a_leaf_swapped_in_a_wide_tree_takes_nobody_s_pay() public {
        Node[] memory nodes = new Node[](GROUPS);
        for (uint256 g = 0; g < GROUPS; ++g) {
            nodes[g] = this.nodeAt(3 * g, 3 * g + 3);
        }
        (nodes[GROUPS - 1],) = _swapped(CROWD - 3, CROWD);
        (Node memory top, Children memory children) = _over(nodes);
        Proposal memory made = propose(id, top);
        Path memory path = pathTo(top);
        uint256 q = _asks(path);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, q));
        questions.answerNode(id, stakes, q, path, children);
        prove(abi.encodeCall(Disputes.proveWrongNode, (id, stakes, path, children, WATCHER)));
        _isRejected();
        vm.expectRevert(abi.encodeWithSelector(IWeightedPayouts.NotSettled.selector, id));
        pots.pay(id, address(token), made, IWeightedPayouts.Group(path, new Leaf[](0), 1));
    }

    /// In the one shape there are four nodes to ask for, and the swapped leaf is in one of them.
    function test_a_leaf_swapped_in_the_one_shape_is_found_by_four_questions() public {
        Node[] memory nodes = new Node[](3);
        (nodes[0], nodes[1]) = (this.nodeAt(0, 32), this.nodeAt(32, 64));
        Leaf[] memory last;
        (nodes[2], last) = _swapped(64, CROWD);
        (Node memory top, Children memory children) = _over(nodes);
        propose(id, top);
        uint256 q = _asks(pathTo(top));
        questions.answerNode(id, stakes, q, pathTo(top), children);
        for (uint256 g = 0; g < 3; ++g) {
            Path memory path = _down(pathTo(top), _hashes(children), g, nodes[g]);
            q = _asks(path);
            Children memory leaves = g == 2 ? childrenOf(last) : this.childrenAt(32 * g, 32 * g + 32);
            questions.answerNode(id, stakes, q, path, leaves);
        }
        bytes32[] memory hashes = hashesOf(last);
        Path memory way = _down(pathTo(top), _hashes(children), 2, nodes[2]);
        prove(abi.encodeCall(Disputes.proveWrongLeaf, (id, stakes, way, hashes, 31, last[31], WATCHER)));
        _isRejected();
        _closeAll(4);
    }

    // --- a right tree that nobody knows -------------------------------------------------------

    /// Groups of two to four, by the thieves' secret, over 32 nodes: nothing in it is wrong but its shape.
    function _secretTree() private view returns (Node memory top, Children memory children) {
        Node[] memory nodes = new Node[](GROUPS);
        uint256 from;
        for (uint256 g = 0; g < GROUPS; ++g) {
            uint256 left = GROUPS - 1 - g; // groups that are still to come
            uint256 size = 2 + uint256(keccak256(abi.encode("the thieves' secret", g))) % 3;
            if (CROWD - from < size + 2 * left) size = CROWD - from - 2 * left;
            if (CROWD - from > size + 4 * left) size = CROWD - from - 4 * left;
            nodes[g] = this.nodeAt(from, from + size);
            from += size;
        }
        same(from, CROWD);
        return _over(nodes);
    }

    /// Whoever isn't told the tree asks for it: there is no answer, and the silence costs the proposer and its vouchers.
    function test_a_right_tree_that_nobody_knows_falls_to_one_question() public {
        (Node memory top, Children memory children) = _secretTree();
        propose(id, top);
        Path memory path = pathTo(top);
        uint256 q = _asks(path);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, q));
        questions.answerNode(id, stakes, q, path, children);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, q);
        _isRejected();
        same(free(WATCHER), FUNDS);
        (address[] memory holders,) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            availability.burnForResult(id, stakes, 1, holders, i);
            same(vault.lockedOf(holders[i], address(token)), 0);
        }
        same(award(BURNT), stakes.proposerStake / 2 + QUORUM * STAKE);
    }

    /// Whoever proposed it shows nobody its tree: everybody knows it all the same, and everybody is paid.
    function test_a_right_tree_pays_everybody_though_its_proposer_shows_it_to_nobody() public {
        Node memory top = this.nodeAt(0, CROWD);
        Proposal memory made = propose(id, top);
        vm.warp(staked.stakedRoundOf(id).endsAt);
        staked.settle(id, stakes, made);
        for (uint256 g = 0; g < 3; ++g) {
            (Path memory path, uint256 from, uint256 to) = wayTo(CROWD, 32 * g, 32);
            Leaf[] memory leaves = this.childrenAt(from, to).leaves;
            pots.pay(id, address(token), made, IWeightedPayouts.Group(path, leaves, type(uint32).max));
        }
        for (uint256 i = 0; i < CROWD; ++i) {
            same(token.balanceOf(participantOf(i)), BUDGET * revealedBy(i).weight / top.weight);
        }
    }

    // --- under every rule ---------------------------------------------------------------------

    /// Groups of few, groups that could be more equal, and the smaller one first.
    function test_a_tree_of_another_shape_is_wrong_under_every_rule() public {
        for (uint256 rule = 0; rule < 3; ++rule) {
            (stakes.rule, stakes.trim) = (AggregationRule(rule), rule == uint256(AggregationRule.TrimmedMean) ? 1 : 0);
            id = openStaked(stakedTerms(2));
            vm.warp(staked.stakedRoundOf(id).slashEnd);
            _isWrong(3, 2);
            _isWrong(16, 16);
            _isWrong(18, 16);
            _isWrong(16, 17);
            (Node memory top, Children memory children) = _two(17, 16);
            proposeUncertified(id, proposalOf(top));
            refuse(
                abi.encodeCall(Disputes.proveWrongNode, (id, stakes, pathTo(top), children, WATCHER)),
                abi.encodeWithSelector(IDisputes.NodeIsSound.selector, id)
            );
        }
        same(award(WATCHER), 3 * 4 * stakes.proposerStake / 2);
    }

    function _two(uint256 first, uint256 second) private view returns (Node memory, Children memory) {
        Node[] memory nodes = new Node[](2);
        (nodes[0], nodes[1]) = (this.nodeAt(0, first), this.nodeAt(first, first + second));
        return _over(nodes);
    }

    function _isWrong(uint256 first, uint256 second) private {
        (Node memory top, Children memory children) = _two(first, second);
        proposeUncertified(id, proposalOf(top));
        prove(abi.encodeCall(Disputes.proveWrongNode, (id, stakes, pathTo(top), children, WATCHER)));
        same(staked.stakedRoundOf(id).proposer, address(0));
    }
}
