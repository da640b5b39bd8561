// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RobustTrees} from "../libraries/RobustTrees.sol";
import {RoundTrees} from "../libraries/RoundTrees.sol";
import {VectorRoots} from "../libraries/VectorRoots.sol";
import {Children, ChunkProof, Node, Path} from "../types/DisputeTypes.sol";

/// @dev What proofs and answers about a proposal are held against (F-8).
library ProposalChecks {
    /// The width of numerators (F-2).
    uint8 internal constant NUMERATOR_BITS = 64;

    /// @return whether the end of a path is sound. Below the lowest level no path leads, so nodes
    ///         there could not be disputed.
    function isSound(Path calldata path, Children calldata children) internal pure returns (bool) {
        Node calldata node = RoundTrees.end(path);
        if (path.nodes.length == RoundTrees.DEPTH && children.nodes.length != 0) return false;
        return RobustTrees.isShaped(node, children) && RoundTrees.isSound(node, children);
    }

    /// @return whether a chunk stands at its place in the vector of that root and width, which of a hidden round's updates
    ///         may be any.
    function proves(bytes32 root, uint8 bits, uint64 length, uint64 chunk, ChunkProof calldata proof)
        internal
        view
        returns (bool)
    {
        return VectorRoots.verifyPacked(root, bits, length, chunk, proof.chunk, proof.siblings);
    }
}
