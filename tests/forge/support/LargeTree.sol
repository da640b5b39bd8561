// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RobustTrees} from "../../../contracts/libraries/RobustTrees.sol";
import {AggregationRule, Children, Leaf, Node, Path} from "../../../contracts/types/DisputeTypes.sol";
import {Opening, RoundId, RoundTerms} from "../../../contracts/types/RoundTypes.sol";
import {MeteredDisputes} from "./MeteredDisputes.sol";

/// A round of many participants and the tree over them. Nobody keeps the tree: a node is worked out from the places
/// of its first and last leaf. Every heavy step is an external call, so that its memory is given back.
abstract contract LargeTree is MeteredDisputes {
    uint256 internal constant NOBODY = type(uint256).max;
    uint256 private constant BATCH = 100;

    /// Whom the tree leaves out, and whose weight it says too high.
    uint256 internal skipped = NOBODY;
    uint256 internal heavier = NOBODY;
    mapping(uint256 index => bytes32) private _updates;
    mapping(uint256 from => mapping(uint256 to => bytes32)) private _claims;

    function setUpdate(uint256 index, bytes32 root) internal {
        _updates[index] = root;
    }

    /// What a node's numerators are claimed to be, by the root.
    function setClaim(uint256 from, uint256 to, bytes32 root) internal {
        _claims[from][to] = root;
    }

    // --- participants -------------------------------------------------------------------------

    function play(uint256 count, RoundTerms memory t) internal returns (RoundId id) {
        id = openStaked(t);
        for (uint256 step = 0; step < 3; ++step) {
            for (uint256 from = 0; from < count; from += BATCH) {
                this.take(id, step, from, from + BATCH < count ? from + BATCH : count);
            }
        }
        this.certify(id, count);
        vm.warp(staked.stakedRoundOf(id).slashEnd);
    }

    function certify(RoundId id, uint256 count) external {
        certifyUpdates(id, count);
    }

    /// One step of many participants: locking stakes, committing, or revealing.
    function take(RoundId id, uint256 step, uint256 from, uint256 to) external {
        for (uint256 i = from; i < to; ++i) {
            if (step == 0) _join(id, participantOf(i));
            if (step == 1) _commit(id, i);
            if (step == 2) rounds.reveal(id, participantOf(i), revealedBy(i));
        }
    }

    function _join(RoundId id, address who) private {
        vm.prank(OWNER);
        token.transfer(who, STAKE);
        vm.startPrank(who);
        token.approve(address(vault), STAKE);
        vault.deposit(address(token), STAKE);
        vault.setController(address(staked), true);
        staked.lockStake(id, stakes, new bytes32[](0));
        vm.stopPrank();
    }

    function _commit(RoundId id, uint256 index) private {
        bytes32 commitment = rounds.commitmentFor(id, participantOf(index), revealedBy(index));
        vm.prank(participantOf(index));
        rounds.commit(id, commitment);
    }

    function revealedBy(uint256 index) internal view returns (Opening memory) {
        bytes32 root = _updates[index] == 0 ? keccak256(abi.encode("update", index)) : _updates[index];
        return Opening(root, keccak256(abi.encode("cid", index)), uint64(1 + index % 7), bytes32(index + 1));
    }

    // --- the tree -----------------------------------------------------------------------------

    /// The leaf at a place among those that the tree counts.
    function leafAt(uint256 place) internal view returns (Leaf memory) {
        uint256 index = place < skipped ? place : place + 1;
        Opening memory o = revealedBy(index);
        return Leaf(participantOf(index), o.updateRoot, o.contentDigest, o.weight + (index == heavier ? 1 : 0));
    }

    /// Where the children of the node over the places from `from` to `to` begin, and where the last one ends.
    function edges(uint256 from, uint256 to) internal pure returns (uint256[] memory at) {
        uint256 fan = RobustTrees.fanOf(to - from);
        at = new uint256[](fan + 1);
        for (uint256 i = 0; i < fan; ++i) {
            at[i] = from;
            from += (to - at[0] + fan - 1 - i) / fan;
        }
        at[fan] = to;
    }

    function nodeAt(uint256 from, uint256 to) external view returns (Node memory node) {
        Children memory children = this.childrenAt(from, to);
        for (uint256 i = 0; i < children.leaves.length; ++i) {
            node.weight += children.leaves[i].weight;
        }
        for (uint256 i = 0; i < children.nodes.length; ++i) {
            node.weight += children.nodes[i].weight;
        }
        (node.first, node.last) = (leafAt(from).participant, leafAt(to - 1).participant);
        node.count = uint32(to - from);
        bytes32 claim = _claims[from][to];
        node.numeratorsRoot = claim == 0 ? keccak256(abi.encode("numerators", from, to)) : claim;
        node.childrenHash = keccak256(abi.encode(_hashes(children)));
    }

    function childrenAt(uint256 from, uint256 to) external view returns (Children memory children) {
        if (to - from <= 32) {
            children.leaves = new Leaf[](to - from);
            for (uint256 place = from; place < to; ++place) {
                children.leaves[place - from] = leafAt(place);
            }
            return children;
        }
        uint256[] memory at = edges(from, to);
        children.nodes = new Node[](at.length - 1);
        for (uint256 i = 0; i < children.nodes.length; ++i) {
            children.nodes[i] = this.nodeAt(at[i], at[i + 1]);
        }
    }

    /// The way down to the node over at most `most` leaves that has a place below it.
    function wayTo(uint256 count, uint256 place, uint256 most)
        internal
        view
        returns (Path memory path, uint256 from, uint256 to)
    {
        (path.nodes, path.hashes, path.turns) = (new Node[](1), new bytes32[][](0), new uint256[](0));
        path.nodes[0] = this.nodeAt(0, count);
        to = count;
        while (to - from > most) {
            Children memory children = this.childrenAt(from, to);
            uint256[] memory at = edges(from, to);
            uint256 turn;
            while (place >= at[turn + 1]) ++turn;
            path = _down(path, _hashes(children), turn, children.nodes[turn]);
            (from, to) = (at[turn], at[turn + 1]);
        }
    }

    function _down(Path memory path, bytes32[] memory hashes, uint256 turn, Node memory node)
        internal
        pure
        returns (Path memory longer)
    {
        uint256 steps = path.turns.length;
        longer.nodes = new Node[](steps + 2);
        (longer.hashes, longer.turns) = (new bytes32[][](steps + 1), new uint256[](steps + 1));
        for (uint256 i = 0; i < steps; ++i) {
            (longer.hashes[i], longer.turns[i]) = (path.hashes[i], path.turns[i]);
        }
        for (uint256 i = 0; i <= steps; ++i) {
            longer.nodes[i] = path.nodes[i];
        }
        (longer.hashes[steps], longer.turns[steps], longer.nodes[steps + 1]) = (hashes, turn, node);
    }

    function _hashes(Children memory children) internal pure returns (bytes32[] memory) {
        if (children.leaves.length != 0) return hashesOf(children.leaves);
        bytes32[] memory hashes = new bytes32[](children.nodes.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = keccak256(abi.encode(uint256(1), children.nodes[i]));
        }
        return hashes;
    }
}
