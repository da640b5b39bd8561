// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Children, Node} from "../types/DisputeTypes.sol";

/// @title The shape of a tree (F-8), and what is trimmed at the nodes of a robust rule's
/// @dev The median of medians depends on who stands in which group, and of a tree whose shape nobody else knows nobody
///      can be paid; so nobody may choose the groups: the number of participants fixes them. All updates then stand at
///      one height.
library RobustTrees {
    uint256 private constant FAN_IN = 32;
    /// Values of a trimmed mean's nodes are counted in units of 2^-16: the finest that a lattice has guard bits for.
    uint256 private constant UNITS = 1 << 16;

    /// @return how many children a node over `count` updates has: up to 32 updates, or the fewest nodes over at most
    ///         32^(h−1) updates each, where h is the least height with 32^h ≥ count.
    function fanOf(uint256 count) internal pure returns (uint256) {
        if (count <= FAN_IN) return count;
        uint256 most = FAN_IN;
        while (most * FAN_IN < count) most *= FAN_IN;
        return (count + most - 1) / most;
    }

    /// @return whether a node has the children that its count demands: as equal as possible, larger ones first. That
    ///         its counts add up is for `RoundTrees.isSound` to say.
    function isShaped(Node calldata node, Children calldata children) internal pure returns (bool) {
        uint256 count = node.count;
        if (count <= FAN_IN) return children.nodes.length == 0;
        uint256 fan = fanOf(count);
        if (children.nodes.length != fan) return false;
        for (uint256 i = 0; i < fan; ++i) {
            // A group one larger elsewhere would move a median: the place of the larger ones is fixed, too.
            if (children.nodes[i].count != count / fan + (i < count % fan ? 1 : 0)) return false;
        }
        return true;
    }

    /// @return how many of a node's children are trimmed at each end: `trim`, or as many as leave one or two.
    function trimAt(uint256 trim, uint256 children) internal pure returns (uint256) {
        if (children > 2 * trim) return trim;
        return children == 0 ? 0 : (children - 1) / 2;
    }

    /// @return denominator what the numerators of a median over `count` updates are to be divided by: 2 per level (F-1).
    function medianDenominatorOf(uint256 count) internal pure returns (uint256 denominator) {
        denominator = 2;
        for (uint256 most = FAN_IN; most < count; most *= FAN_IN) {
            denominator *= 2;
        }
    }

    /// @return what the numerators of a trimmed mean's node over `count` updates are to be divided by (F-1).
    function denominatorOf(uint256 trim, uint256 count) internal pure returns (uint256) {
        uint256 children = fanOf(count);
        uint256 kept = children - 2 * trimAt(trim, children);
        return count <= FAN_IN ? kept : UNITS * kept;
    }
}
