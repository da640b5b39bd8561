// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IQuestions} from "../../contracts/interfaces/IQuestions.sol";
import {Disputes} from "../../contracts/stake/Disputes.sol";
import {Children, Leaf, Node, Path} from "../../contracts/types/DisputeTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {SearchFixture} from "./support/SearchFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// Searches for a wrong chunk, as thieves have tried to outlast them or to live on their bonds.
contract SearchTheftsTest is SearchFixture {
    function setUp() public {
        deployStaked();
    }

    /// The liar and a quorum of accomplices answer all that is asked, at the last second.
    function test_a_lie_at_the_lowest_level_outlasts_no_search() public {
        RoundId id = crowd();
        Children[3] memory below = deepLie();
        propose(id, way[0]);
        uint64 endsAt = staked.stakedRoundOf(id).endsAt;
        for (uint256 level = 0; level < LEVELS; ++level) {
            uint256 node = askAt(id, level, below);
            vm.warp(block.timestamp + ANSWER - 1);
            answerAt(id, level, below, node);
            vm.warp(block.timestamp + 1); // the next block
        }
        // One more step, of chunks, would have been in time.
        holds(block.timestamp + ANSWER <= endsAt - 2 * ANSWER);
        disprove(id, below);
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        for (uint256 question = 0; question < 2 * LEVELS; ++question) {
            questions.closeQuestion(id, stakes, question);
        }
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), stakes.proposerStake / 2);
    }

    /// Two leaves, or two nodes, at a time: eight participants take as many levels as a path may have.
    function _thin() private pure returns (Node memory top, Children memory below) {
        Leaf[] memory all = crowdLeaves();
        Node memory node = nodeOver(_pair(all, 0), claimAt(0));
        for (uint256 level = 1; level < LEVELS; ++level) {
            below.nodes = new Node[](2);
            (below.nodes[0], below.nodes[1]) = (node, nodeOver(_pair(all, level), claimAt(0)));
            node = Node({
                first: node.first,
                last: below.nodes[1].last,
                count: node.count + 2,
                weight: node.weight + 2,
                numeratorsRoot: node.numeratorsRoot,
                childrenHash: keccak256(abi.encode(nodeHashes(below.nodes)))
            });
        }
        return (node, below);
    }

    function _pair(Leaf[] memory all, uint256 which) private pure returns (Leaf[] memory two) {
        two = new Leaf[](2);
        (two[0], two[1]) = (all[2 * which], all[2 * which + 1]);
    }

    /// A mean's tree of more levels than its count demands is wrong at its top, and no answer: the search is over at once.
    function test_a_deep_tree_outlasts_no_search() public {
        RoundId id = crowd();
        (Node memory top, Children memory below) = _thin();
        propose(id, top);
        Path memory path = pathTo(top);
        vm.prank(WATCHER);
        uint256 node = questions.askNode(id, stakes, path);
        vm.expectRevert(abi.encodeWithSelector(IQuestions.AnswerNotProven.selector, id, node));
        questions.answerNode(id, stakes, node, path, below);
        prove(abi.encodeCall(Disputes.proveWrongNode, (id, stakes, path, below, WATCHER)));
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        same(award(WATCHER), stakes.proposerStake / 2);
    }

    /// And who keeps its nodes to itself loses its stake for that.
    function test_a_deep_tree_that_nobody_shows_costs_its_proposal() public {
        RoundId id = crowd();
        (Node memory top,) = _thin();
        propose(id, top);
        Path memory path = pathTo(top);
        vm.prank(WATCHER);
        uint256 node = questions.askNode(id, stakes, path);
        vm.warp(block.timestamp + ANSWER);
        questions.punishSilence(id, stakes, node);
        same(free(PROPOSER), FUNDS - stakes.proposerStake);
        same(free(WATCHER), FUNDS);
        same(award(WATCHER), stakes.proposerStake / 2);
        (address[] memory holders,) = firstHolders();
        for (uint256 i = 0; i < QUORUM; ++i) {
            availability.burnForResult(id, stakes, 1, holders, i);
            same(free(holders[i]), FUNDS - STAKE);
        }
    }

    /// A lie as a honeypot: whoever answers all that is asked, and proves it itself then, keeps no bond.
    function test_a_lie_lives_on_no_answered_bond() public {
        stakes.proposerStake = uint128(8 * 6 * BOND); // the floor: six steps
        address second = address(0x600E);
        fundStake(second);
        RoundId id = proposable(3);
        int64[] memory lie = sums(0, 3);
        lie[0] += 1;
        Node memory top = nodeOver(leavesTo(3), lie);
        propose(id, top); // by the liar, certified by its two seats
        bytes memory own = abi.encodeCall(
            Disputes.proveWrongChunk,
            (
                id,
                stakes,
                pathTo(top),
                childrenOf(leavesTo(3)),
                0,
                inputsOf(3, 0),
                VectorWriter.proof(lie, 64, 0),
                PROPOSER
            )
        );
        disputes.announce(keccak256(own));
        vm.roll(block.number + 1);
        for (uint256 step = 0; step < 4; ++step) {
            for (uint256 i = 0; i < 8; ++i) {
                vm.prank(i < 4 ? WATCHER : second);
                uint256 q = questions.askResult(id, stakes, pathTo(top), uint64(i % 2));
                questions.answerChunk(id, stakes, q, VectorWriter.proof(lie, 64, i % 2));
            }
            vm.warp(block.timestamp + 1);
        }
        (bool done,) = address(disputes).call(own);
        holds(done);
        for (uint256 question = 0; question < 32; ++question) {
            questions.closeQuestion(id, stakes, question);
        }
        same(free(PROPOSER) + award(PROPOSER), FUNDS - stakes.proposerStake / 2);
        same(free(WATCHER), FUNDS);
        same(free(second), FUNDS);
    }
}
