// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Children, Leaf, Node, Path} from "../types/DisputeTypes.sol";

/// @title The tree of an aggregation (F-8): what a node commits to, and the way to it
library RoundTrees {
    /// A node's children at most: what one transaction can judge.
    uint256 internal constant FAN_IN = 32;
    /// Levels at most: 32 to the fourth is a million participants.
    uint256 internal constant DEPTH = 4;

    /// @return a leaf's hash; leaves and nodes begin with different words, so that neither passes for the other.
    function hashOf(Leaf calldata leaf) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(0), leaf));
    }

    /// @return a node's hash.
    function hashOf(Node calldata node) internal pure returns (bytes32) {
        return keccak256(abi.encode(uint256(1), node));
    }

    /// @return the hashes of children, in order.
    function hashesOf(Children calldata children) internal pure returns (bytes32[] memory) {
        uint256 leaves = children.leaves.length;
        bytes32[] memory hashes = new bytes32[](leaves + children.nodes.length);
        for (uint256 i = 0; i < leaves; ++i) {
            hashes[i] = hashOf(children.leaves[i]);
        }
        for (uint256 i = 0; i < children.nodes.length; ++i) {
            hashes[leaves + i] = hashOf(children.nodes[i]);
        }
        return hashes;
    }

    /// @return whether children are those that a node commits to.
    function areChildren(Node calldata node, Children calldata children) internal pure returns (bool) {
        return keccak256(abi.encode(hashesOf(children))) == node.childrenHash;
    }

    /// @return whether a node says what its children do: of one kind, ascending, 1 to 32 of them, their counts and
    ///         weights summed.
    function isSound(Node calldata node, Children calldata children) internal pure returns (bool) {
        uint256 leaves = children.leaves.length;
        uint256 total = leaves + children.nodes.length;
        if (total == 0 || total > FAN_IN || (leaves != 0 && children.nodes.length != 0)) return false;
        address last;
        uint256 count;
        uint256 weight;
        for (uint256 i = 0; i < total; ++i) {
            (address from, address to, uint256 counted, uint256 weighs) = _ends(children, i, leaves != 0);
            if (from <= last || to < from) return false; // so no participant counts twice, nor address zero
            if (i == 0 && from != node.first) return false;
            last = to;
            count += counted;
            weight += weighs;
        }
        return last == node.last && count == node.count && weight == node.weight;
    }

    function _ends(Children calldata children, uint256 i, bool leaf)
        private
        pure
        returns (address, address, uint256, uint256)
    {
        if (leaf) {
            Leaf calldata update = children.leaves[i];
            return (update.participant, update.participant, 1, update.weight);
        }
        Node calldata n = children.nodes[i];
        return (n.first, n.last, n.count, n.weight);
    }

    /// @return whether a path is one, from the node of hash `top` down to its last node.
    function isPath(Path calldata path, bytes32 top) internal pure returns (bool) {
        uint256 steps = path.nodes.length;
        if (steps == 0 || steps > DEPTH || path.hashes.length != steps - 1 || path.turns.length != steps - 1) {
            return false;
        }
        bytes32 expected = top;
        for (uint256 i = 0; i < steps; ++i) {
            if (hashOf(path.nodes[i]) != expected) return false;
            if (i + 1 == steps) break;
            if (keccak256(abi.encode(path.hashes[i])) != path.nodes[i].childrenHash) return false;
            if (path.turns[i] >= path.hashes[i].length) return false;
            expected = path.hashes[i][path.turns[i]];
        }
        return true;
    }

    /// @return the node that a path leads to.
    function end(Path calldata path) internal pure returns (Node calldata) {
        return path.nodes[path.nodes.length - 1];
    }

    /// @return whether a participant isn't below the end of a path on which it would have to be, given the end's
    ///         children. In a sound tree that holds the participant, this is false for every path.
    function isAbsent(Path calldata path, Children calldata children, address participant)
        internal
        pure
        returns (bool)
    {
        for (uint256 i = 1; i < path.nodes.length; ++i) {
            if (!_within(participant, path.nodes[i].first, path.nodes[i].last)) return false;
        }
        for (uint256 i = 0; i < children.leaves.length; ++i) {
            if (children.leaves[i].participant == participant) return false;
        }
        for (uint256 i = 0; i < children.nodes.length; ++i) {
            if (_within(participant, children.nodes[i].first, children.nodes[i].last)) return false;
        }
        return true;
    }

    function _within(address participant, address first, address last) private pure returns (bool) {
        return first <= participant && participant <= last;
    }
}
