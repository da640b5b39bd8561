// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IDisputes} from "../../contracts/interfaces/IDisputes.sol";
import {Children, ChunkProof, Leaf, Node, Path} from "../../contracts/types/DisputeTypes.sol";
import {RoundId, RoundTerms} from "../../contracts/types/RoundTypes.sol";
import {LargeTree} from "./support/LargeTree.sol";
import {VectorWriter} from "./support/VectorWriter.sol";

/// F-3, F-8: a mean's tree of nodes is disputed at one node, by its children alone. Of 34 participants it has two groups of
/// 17, and nothing else (of trees of another shape, see ShapeThefts.t.sol).
contract AggregationTreesTest is LargeTree {
    uint256 private constant PEOPLE = 34;
    uint256 private constant HALF = 17;
    uint256 private constant VALUES = 258; // two chunks, the second one of two values
    RoundId private id;

    function setUp() public {
        deployStaked();
        stakes.vectorLength = uint64(VALUES);
        for (uint256 i = 0; i < PEOPLE; ++i) {
            setUpdate(i, VectorWriter.root(_vector(i), BITS));
        }
        _claims(0);
        RoundTerms memory t = stakedTerms(2);
        t.maximumParticipants = uint32(PEOPLE);
        id = play(PEOPLE, t);
    }

    function _vector(uint256 index) private pure returns (int64[] memory values) {
        values = new int64[](VALUES);
        for (uint256 i = 0; i < VALUES; ++i) {
            values[i] = int64(uint64((7919 * index + 31 * i) % 997)) - 498;
        }
    }

    /// The weighted sums of the participants from `from` to `to`.
    function _sums(uint256 from, uint256 to) private view returns (int64[] memory values) {
        values = new int64[](VALUES);
        for (uint256 p = from; p < to; ++p) {
            int64[] memory one = _vector(p);
            int64 weight = int64(revealedBy(p).weight);
            for (uint256 i = 0; i < VALUES; ++i) {
                values[i] += weight * one[i];
            }
        }
    }

    /// All nodes claim their right sums; the right half, and the top with it, `by` more in the last value.
    function _claims(int64 by) private returns (int64[] memory below, int64[] memory whole) {
        (below, whole) = (_sums(HALF, PEOPLE), _sums(0, PEOPLE));
        below[VALUES - 1] += by;
        whole[VALUES - 1] += by;
        setClaim(0, HALF, VectorWriter.root(_sums(0, HALF), 64));
        setClaim(HALF, PEOPLE, VectorWriter.root(below, 64));
        setClaim(0, PEOPLE, VectorWriter.root(whole, 64));
    }

    function _top() private view returns (Node memory) {
        return this.nodeAt(0, PEOPLE);
    }

    function _below(uint256 place) private view returns (Path memory path) {
        (path,,) = wayTo(PEOPLE, place, HALF);
    }

    /// The chunk of every update from `from` on, proven.
    function _updates(uint256 from, uint256 chunk) private pure returns (ChunkProof[] memory inputs) {
        inputs = new ChunkProof[](HALF);
        for (uint256 i = 0; i < HALF; ++i) {
            inputs[i] = VectorWriter.proof(_vector(from + i), BITS, chunk);
        }
    }

    function _isRejected() private view {
        same(free(PROPOSER), FUNDS - 3 * STAKE);
        same(award(WATCHER), 3 * STAKE / 2);
        same(staked.stakedRoundOf(id).proposer, address(0));
    }

    function _refusesNode(Path memory path, Children memory children, bytes4 why) private {
        refuse(
            abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, children, WATCHER)),
            abi.encodeWithSelector(why, id)
        );
    }

    function _refusesLeftOut(Path memory path, Children memory children) private {
        address there = participantOf(PEOPLE - 1);
        refuse(
            abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, children, there, WATCHER)),
            abi.encodeWithSelector(IDisputes.NotLeftOut.selector, id, there)
        );
    }

    function test_an_honest_tree_settles() public {
        Node memory top = _top();
        propose(id, top);
        Children memory nodes = this.childrenAt(0, PEOPLE);
        same(nodes.nodes.length, 2);
        // Whatever is tried against it:
        _refusesNode(pathTo(top), nodes, IDisputes.NodeIsSound.selector);
        _refusesNode(_below(0), this.childrenAt(0, HALF), IDisputes.NodeIsSound.selector);
        _refusesNode(_below(HALF), this.childrenAt(HALF, PEOPLE), IDisputes.NodeIsSound.selector);
        _refusesLeftOut(pathTo(top), nodes);
        _refusesLeftOut(_below(0), this.childrenAt(0, HALF));
        _refusesLeftOut(_below(HALF), this.childrenAt(HALF, PEOPLE));
        vm.warp(block.timestamp + DISPUTE);
        staked.settle(id, stakes, proposalOf(top));
        same(rounds.resultOf(id).accepted, PEOPLE);
    }

    function test_right_sums_of_nodes_and_of_leaves_are_refused() public {
        Node memory top = _top();
        propose(id, top);
        ChunkProof[] memory inputs = new ChunkProof[](2);
        inputs[0] = VectorWriter.proof(_sums(0, HALF), 64, 1);
        inputs[1] = VectorWriter.proof(_sums(HALF, PEOPLE), 64, 1);
        ChunkProof memory claim = VectorWriter.proof(_sums(0, PEOPLE), 64, 1);
        Children memory children = this.childrenAt(0, PEOPLE);
        bytes memory right = abi.encodeWithSelector(IDisputes.ChunkIsCorrect.selector, id, 1);
        refuse(
            abi.encodeCall(disputes.proveWrongChunk, (id, stakes, pathTo(top), children, 1, inputs, claim, WATCHER)),
            right
        );
        (inputs, claim) = (_updates(0, 1), VectorWriter.proof(_sums(0, HALF), 64, 1));
        children = this.childrenAt(0, HALF);
        Path memory path = _below(0);
        refuse(abi.encodeCall(disputes.proveWrongChunk, (id, stakes, path, children, 1, inputs, claim, WATCHER)), right);
    }

    function test_a_wrong_sum_of_nodes_is_proved_by_their_partial_sums() public {
        int64[] memory wrong = _sums(0, PEOPLE);
        wrong[7] -= 1;
        setClaim(0, PEOPLE, VectorWriter.root(wrong, 64));
        Path memory path = pathTo(_top());
        propose(id, path.nodes[0]);
        ChunkProof[] memory inputs = new ChunkProof[](2);
        inputs[0] = VectorWriter.proof(_sums(0, HALF), 64, 0);
        inputs[1] = VectorWriter.proof(_sums(HALF, PEOPLE), 64, 0);
        ChunkProof memory claim = VectorWriter.proof(wrong, 64, 0);
        Children memory children = this.childrenAt(0, PEOPLE);
        prove(abi.encodeCall(disputes.proveWrongChunk, (id, stakes, path, children, 0, inputs, claim, WATCHER)));
        _isRejected();
    }

    function test_a_wrong_sum_of_leaves_is_proved_below() public {
        (int64[] memory wrong,) = _claims(5);
        propose(id, _top());
        ChunkProof[] memory inputs = _updates(HALF, 1);
        ChunkProof memory claim = VectorWriter.proof(wrong, 64, 1);
        Children memory children = this.childrenAt(HALF, PEOPLE);
        Path memory path = _below(HALF);
        prove(abi.encodeCall(disputes.proveWrongChunk, (id, stakes, path, children, 1, inputs, claim, WATCHER)));
        _isRejected();
    }

    function test_who_is_left_out_of_a_group_is_proved_below() public {
        skipped = 20; // 33 are left: 17 and 16
        propose(id, this.nodeAt(0, PEOPLE - 1));
        (Path memory path, uint256 from, uint256 to) = wayTo(PEOPLE - 1, 20, HALF);
        same(from, HALF);
        same(to, PEOPLE - 1);
        Children memory children = this.childrenAt(from, to);
        prove(abi.encodeCall(disputes.proveLeftOut, (id, stakes, path, children, participantOf(20), WATCHER)));
        _isRejected();
    }

    function test_who_stands_between_two_groups_is_proved_left_out_at_the_top() public {
        skipped = HALF; // between the first 17 and the last 16
        Node memory top = this.nodeAt(0, PEOPLE - 1);
        propose(id, top);
        Children memory children = this.childrenAt(0, PEOPLE - 1);
        same(children.nodes[0].last, participantOf(HALF - 1));
        same(children.nodes[1].first, participantOf(HALF + 1));
        address missing = participantOf(HALF);
        prove(abi.encodeCall(disputes.proveLeftOut, (id, stakes, pathTo(top), children, missing, WATCHER)));
        _isRejected();
    }

    function test_a_wrong_leaf_of_a_group_is_proved_below() public {
        heavier = 20;
        propose(id, _top());
        Path memory path = _below(20);
        bytes32[] memory hashes = _hashes(this.childrenAt(HALF, PEOPLE));
        Leaf memory leaf = leafAt(20);
        refuse(
            abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, path, hashes, 4, leafAt(21), WATCHER)),
            abi.encodeWithSelector(IDisputes.LeafMatchesReveal.selector, id, participantOf(21))
        );
        prove(abi.encodeCall(disputes.proveWrongLeaf, (id, stakes, path, hashes, 3, leaf, WATCHER)));
        _isRejected();
    }

    /// Two groups of 17 over 33 participants: who stands at the seam would count twice.
    function test_groups_that_overlap_are_proved_wrong() public {
        Children memory both;
        both.nodes = new Node[](2);
        (both.nodes[0], both.nodes[1]) = (this.nodeAt(0, HALF), this.nodeAt(HALF - 1, PEOPLE - 1));
        Node memory top = _top();
        (top.last, top.weight) = (both.nodes[1].last, both.nodes[0].weight + both.nodes[1].weight);
        top.childrenHash = keccak256(abi.encode(_hashes(both)));
        propose(id, top);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, pathTo(top), both, WATCHER)));
        _isRejected();
    }

    /// No path leads to a fifth level: what a proposal hides there could not be disputed. Each of these nodes has the shape
    /// that its claimed count demands, up to twice 32 to the fourth.
    function test_F8_nodes_below_the_fourth_level_are_wrong() public {
        Path memory path;
        (path.nodes, path.hashes, path.turns) = (new Node[](4), new bytes32[][](3), new uint256[](3));
        Children memory lowest;
        Children memory children;
        Node memory below = Node(address(1), address(1), 32, 32, "sum", "leaves");
        for (uint256 i = 4; i > 0; --i) {
            uint32 fan = i == 1 ? 2 : 32;
            children.nodes = new Node[](fan);
            for (uint256 k = 0; k < fan; ++k) {
                children.nodes[k] = _twin(below, k);
            }
            bytes32[] memory hashes = _hashes(children);
            if (i < 4) path.hashes[i - 1] = hashes;
            if (i == 4) lowest.nodes = children.nodes;
            address last = children.nodes[fan - 1].last;
            below = Node(
                below.first,
                last,
                fan * below.count,
                fan * below.weight,
                below.numeratorsRoot,
                keccak256(abi.encode(hashes))
            );
            path.nodes[i - 1] = below;
        }
        same(below.count, 2 * 32 ** 4);
        propose(id, below);
        _refusesNode(pathTo(below), children, IDisputes.NodeIsSound.selector);
        prove(abi.encodeCall(disputes.proveWrongNode, (id, stakes, path, lowest, WATCHER)));
        _isRejected();
    }

    /// The same node, `k` widths further on.
    function _twin(Node memory n, uint256 k) private pure returns (Node memory) {
        uint160 by = uint160(k) * (uint160(n.last) - uint160(n.first) + 1);
        (address first, address last) = (address(uint160(n.first) + by), address(uint160(n.last) + by));
        return Node(first, last, n.count, n.weight, n.numeratorsRoot, n.childrenHash);
    }

    function test_a_turn_beside_the_children_is_no_path() public {
        propose(id, _top());
        Path memory path = _below(0);
        path.turns[0] = 2;
        Children memory children = this.childrenAt(0, HALF);
        _refusesNode(path, children, IDisputes.PathNotInProposal.selector);
        path.turns[0] = 1;
        _refusesNode(path, children, IDisputes.PathNotInProposal.selector);
        path.hashes = new bytes32[][](0);
        _refusesNode(path, children, IDisputes.PathNotInProposal.selector);
    }
}
