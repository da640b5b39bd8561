// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {Children, ChunkProof, Leaf, Node, Path, Rule} from "../../contracts/types/DisputeTypes.sol";
import {Phase, RoundId} from "../../contracts/types/RoundTypes.sol";
import {StakedFixture} from "./support/StakedFixture.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-3, F-8: a tree of nodes is disputed at one node, by its children alone; small robust rounds have leaves
/// only (of larger ones, see LargeRound.t.sol).
contract AggregationTreesTest is StakedFixture {
    uint256 private constant PEOPLE = 5;
    RoundId private id;
    Leaf[] private _kept;

    function setUp() public {
        deployStaked();
        id = proposable(PEOPLE);
        Leaf[] memory leaves = leavesTo(PEOPLE);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            _kept.push(leaves[i]);
        }
    }

    function _leaves(uint256 from, uint256 to) private view returns (Leaf[] memory leaves) {
        leaves = new Leaf[](to - from);
        for (uint256 i = from; i < to; ++i) {
            leaves[i - from] = _kept[i];
        }
    }

    function _group(uint256 from, uint256 to, int64[] memory numerators) private view returns (Node memory) {
        return nodeOver(_leaves(from, to), numerators);
    }

    /// A node over two nodes.
    function _over(Node memory left, Node memory right, int64[] memory numerators)
        private
        pure
        returns (Node memory node)
    {
        bytes32[] memory hashes = _hashes(left, right);
        node = Node({
            first: left.first,
            last: right.last,
            count: left.count + right.count,
            weight: left.weight + right.weight,
            numeratorsRoot: VectorWriter.root(numerators, 64),
            childrenHash: keccak256(abi.encode(hashes))
        });
    }

    function _hashes(Node memory left, Node memory right) private pure returns (bytes32[] memory hashes) {
        hashes = new bytes32[](2);
        hashes[0] = keccak256(abi.encode(uint256(1), left));
        hashes[1] = keccak256(abi.encode(uint256(1), right));
    }

    function _both(Node memory left, Node memory right) private pure returns (Children memory children) {
        children.leaves = new Leaf[](0);
        children.nodes = new Node[](2);
        (children.nodes[0], children.nodes[1]) = (left, right);
    }

    function _below(Node memory top, Node memory left, Node memory right, uint256 turn)
        private
        pure
        returns (Path memory path)
    {
        path.nodes = new Node[](2);
        (path.nodes[0], path.nodes[1]) = (top, turn == 0 ? left : right);
        path.hashes = new bytes32[][](1);
        path.hashes[0] = _hashes(left, right);
        path.turns = new uint256[](1);
        path.turns[0] = turn;
    }

    function test_an_honest_tree_settles() public {
        Node memory left = _group(0, 3, sums(0, 3));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, sums(0, PEOPLE));
        propose(id, top);
        // Whatever is tried against it:
        refuse(
            abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), _both(left, right), WATCHER)),
            abi.encodeWithSelector(IDisputes.NodeIsSound.selector, id)
        );
        refuse(
            abi.encodeCall(
                disputes.proveWrongNode,
                (id, stakes, _below(top, left, right, 1), childrenOf(_leaves(3, PEOPLE)), WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.NodeIsSound.selector, id)
        );
        refuse(
            abi.encodeCall(
                disputes.proveLeftOut, (id, stakes, pathTo(top), _both(left, right), participantOf(4), WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.NotLeftOut.selector, id, participantOf(4))
        );
        refuse(
            abi.encodeCall(
                disputes.proveLeftOut,
                (id, stakes, _below(top, left, right, 0), childrenOf(_leaves(0, 3)), participantOf(4), WATCHER)
            ),
            abi.encodeWithSelector(IDisputes.NotLeftOut.selector, id, participantOf(4))
        );
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, proposalOf(top));
        same(rounds.resultOf(id).accepted, PEOPLE);
    }

    function test_a_wrong_sum_of_nodes_is_proved_by_their_partial_sums() public {
        int64[] memory wrong = sums(0, PEOPLE);
        wrong[7] -= 1;
        Node memory left = _group(0, 3, sums(0, 3));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, wrong);
        propose(id, top);
        ChunkProof[] memory inputs = new ChunkProof[](2);
        inputs[0] = VectorWriter.proof(sums(0, 3), 64, 0);
        inputs[1] = VectorWriter.proof(sums(3, PEOPLE), 64, 0);
        ChunkProof memory claim = VectorWriter.proof(wrong, 64, 0);
        prove(
            abi.encodeCall(
                disputes.proveWrongChunk, (id, stakes, pathTo(top), _both(left, right), 0, inputs, claim, WATCHER)
            )
        );
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_a_wrong_sum_of_leaves_is_proved_below() public {
        int64[] memory wrong = sums(3, PEOPLE);
        wrong[LENGTH - 1] += 5;
        int64[] memory whole = sums(0, PEOPLE);
        whole[LENGTH - 1] += 5;
        Node memory left = _group(0, 3, sums(0, 3));
        Node memory right = _group(3, PEOPLE, wrong);
        Node memory top = _over(left, right, whole);
        propose(id, top);
        ChunkProof[] memory inputs = new ChunkProof[](2);
        inputs[0] = VectorWriter.proof(vectorOf(3), BITS, 1);
        inputs[1] = VectorWriter.proof(vectorOf(4), BITS, 1);
        ChunkProof memory claim = VectorWriter.proof(wrong, 64, 1);
        Path memory path = _below(top, left, right, 1);
        prove(
            abi.encodeCall(
                disputes.proveWrongChunk, (id, stakes, path, childrenOf(_leaves(3, PEOPLE)), 1, inputs, claim, WATCHER)
            )
        );
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_who_is_left_out_of_a_group_is_proved_below() public {
        Leaf[] memory some = new Leaf[](2); // 0 and 2, without 1
        (some[0], some[1]) = (_kept[0], _kept[2]);
        Node memory left = nodeOver(some, sums(0, 1));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, sums(0, 1));
        propose(id, top);
        Path memory path = _below(top, left, right, 0);
        prove(abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, childrenOf(some), participantOf(1), WATCHER)));
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_groups_that_overlap_are_proved_wrong() public {
        Node memory left = _group(0, 4, sums(0, 4));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, sums(0, PEOPLE));
        propose(id, top);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), _both(left, right), WATCHER)));
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    /// No path leads to a fifth level: what a proposal hides there could not be disputed.
    function test_F8_nodes_below_the_fourth_level_are_wrong() public {
        Path memory path;
        (path.nodes, path.hashes, path.turns) = (new Node[](4), new bytes32[][](3), new uint256[](3));
        Children memory children;
        children.nodes = new Node[](1);
        children.nodes[0] = _group(0, PEOPLE, sums(0, PEOPLE));
        Node memory below = children.nodes[0];
        for (uint256 i = 4; i > 0; --i) {
            bytes32[] memory hashes = new bytes32[](1);
            hashes[0] = keccak256(abi.encode(uint256(1), below));
            if (i < 4) path.hashes[i - 1] = hashes;
            path.nodes[i - 1] = Node(
                below.first, below.last, below.count, below.weight, below.numeratorsRoot, keccak256(abi.encode(hashes))
            );
            below = path.nodes[i - 1];
        }
        propose(id, below);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, WATCHER)));
        same(free(PROPOSER), FUNDS - 3 * STAKE);
    }

    function test_a_turn_beside_the_children_is_no_path() public {
        Node memory left = _group(0, 3, sums(0, 3));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, sums(0, PEOPLE));
        propose(id, top);
        Path memory path = _below(top, left, right, 0);
        path.turns[0] = 2;
        Children memory children = childrenOf(_leaves(0, 3));
        bytes memory refused = abi.encodeWithSelector(IDisputes.PathNotInProposal.selector, id);
        refuse(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, WATCHER)), refused);
        path.turns[0] = 1;
        refuse(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, WATCHER)), refused);
        path.hashes = new bytes32[][](0);
        refuse(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, WATCHER)), refused);
    }

    // --- robust rules -------------------------------------------------------------------------

    function _sorted(uint256 coordinate) private pure returns (int64[] memory column) {
        column = new int64[](PEOPLE);
        for (uint256 p = 0; p < PEOPLE; ++p) {
            int64 value = vectorOf(p)[coordinate];
            uint256 at = p;
            for (; at > 0 && column[at - 1] > value; --at) {
                column[at] = column[at - 1];
            }
            column[at] = value;
        }
    }

    /// The numerators of the median (`trim` 0) or of the trimmed mean.
    function _robust(uint256 trim) private pure returns (int64[] memory values) {
        values = new int64[](LENGTH);
        for (uint256 i = 256; i < LENGTH; ++i) {
            int64[] memory column = _sorted(i);
            if (trim == 0) values[i] = 2 * column[PEOPLE / 2];
            for (uint256 k = trim; trim != 0 && k < PEOPLE - trim; ++k) {
                values[i] += column[k];
            }
        }
    }

    /// Proposes numerators under a rule, and returns what proves their last chunk.
    function _proposedUnder(Rule rule, uint32 trim, int64[] memory numerators) private returns (Node memory top) {
        (stakes.rule, stakes.trim) = (rule, trim);
        id = proposable(PEOPLE);
        top = nodeOver(_leaves(0, PEOPLE), numerators);
        propose(id, top);
    }

    function _judges(Rule rule, uint32 trim) private {
        int64[] memory right = _robust(trim);
        ChunkProof[] memory inputs = inputsOf(PEOPLE, 1);
        ChunkProof memory claim = VectorWriter.proof(right, 64, 1);
        Node memory top = _proposedUnder(rule, trim, right);
        Children memory children = childrenOf(_leaves(0, PEOPLE));
        refuse(
            abi.encodeCall(disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputs, claim, WATCHER)),
            abi.encodeWithSelector(IDisputes.ChunkIsRight.selector, id, 1)
        );
        right[LENGTH - 2] += 1;
        claim = VectorWriter.proof(right, 64, 1);
        top = _proposedUnder(rule, trim, right);
        prove(abi.encodeCall(disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputs, claim, WATCHER)));
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function test_the_median_is_judged() public {
        _judges(Rule.Median, 0);
    }

    function test_the_trimmed_mean_is_judged() public {
        _judges(Rule.TrimmedMean, 1);
    }

    function test_a_robust_rule_over_groups_is_wrong() public {
        Node memory left = _group(0, 3, sums(0, 3));
        Node memory right = _group(3, PEOPLE, sums(3, PEOPLE));
        Node memory top = _over(left, right, sums(0, PEOPLE));
        stakes.rule = Rule.Median;
        id = proposable(PEOPLE);
        propose(id, top);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), _both(left, right), WATCHER)));
        same(staked.stakedRoundOf(id).proposer, address(0));
    }
}
