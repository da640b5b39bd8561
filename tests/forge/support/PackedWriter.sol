// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkProof} from "../../../contracts/types/DisputeTypes.sol";
import {PlainSums} from "./PlainSums.sol";
import {VectorWriter} from "./VectorWriter.sol";

/// Roots and proofs of packed vectors, and the masks on them, written the plain way.
library PackedWriter {
    uint256 private constant CHUNK = 256;

    function root(uint256[] memory residues, uint8 width) internal pure returns (bytes32) {
        return VectorWriter.rootOver(chunksOf(residues, width), width, uint64(residues.length));
    }

    function proof(uint256[] memory residues, uint8 width, uint256 chunk) internal pure returns (ChunkProof memory) {
        return VectorWriter.proofOver(chunksOf(residues, width), chunk);
    }

    function chunksOf(uint256[] memory residues, uint8 width) internal pure returns (bytes[] memory chunks) {
        chunks = new bytes[]((residues.length + CHUNK - 1) / CHUNK);
        for (uint256 c = 0; c < chunks.length; ++c) {
            uint256 left = residues.length - c * CHUNK;
            int256[] memory values = new int256[](left < CHUNK ? left : CHUNK);
            for (uint256 i = 0; i < values.length; ++i) {
                values[i] = int256(residues[c * CHUNK + i]);
            }
            chunks[c] = PlainSums.pack(values, width);
        }
    }

    /// Adds a seed's mask to the values of a vector, or takes it off.
    function mask(uint256[] memory residues, uint8 width, bytes32 seed, bool added) internal pure {
        uint256 modulus = 1 << width;
        for (uint256 c = 0; c * CHUNK < residues.length; ++c) {
            uint256 left = residues.length - c * CHUNK;
            uint256 values = left < CHUNK ? left : CHUNK;
            bytes memory stream = PlainSums.keystream(seed, width, c, values);
            for (uint256 i = 0; i < values; ++i) {
                uint256 drawn = PlainSums.residue(stream, width, i);
                uint256 at = c * CHUNK + i;
                residues[at] = (residues[at] + (added ? drawn : modulus - drawn)) % modulus;
            }
        }
    }
}
