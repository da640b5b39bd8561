// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RobustTrees} from "../libraries/RobustTrees.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {Children, Leaf, Node, Path} from "../types/DisputeTypes.sol";

/// @title The libraries of trees as a contract: what another language computes is held against it
contract RoundTreesHarness {
    function leafHash(Leaf calldata leaf) external pure returns (bytes32) {
        return RoundTrees.hashOf(leaf);
    }

    function nodeHash(Node calldata node) external pure returns (bytes32) {
        return RoundTrees.hashOf(node);
    }

    function areChildren(Node calldata node, Children calldata children) external pure returns (bool) {
        return RoundTrees.areChildren(node, children);
    }

    function isSound(Node calldata node, Children calldata children) external pure returns (bool) {
        return RoundTrees.isSound(node, children);
    }

    function isPath(Path calldata path, bytes32 top) external pure returns (bool) {
        return RoundTrees.isPath(path, top);
    }

    function isAbsent(Path calldata path, Children calldata children, address participant)
        external
        pure
        returns (bool)
    {
        return RoundTrees.isAbsent(path, children, participant);
    }

    function fanOf(uint256 count) external pure returns (uint256) {
        return RobustTrees.fanOf(count);
    }

    function isShaped(Node calldata node, Children calldata children) external pure returns (bool) {
        return RobustTrees.isShaped(node, children);
    }

    function trimAt(uint256 trim, uint256 children) external pure returns (uint256) {
        return RobustTrees.trimAt(trim, children);
    }

    function denominatorOf(uint256 trim, uint256 count) external pure returns (uint256) {
        return RobustTrees.denominatorOf(trim, count);
    }
}
