// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkProof} from "../../../contracts/types/DisputeTypes.sol";

/// Roots and proofs of vectors as L-4 has them, written the plain way: the contracts' own way is another.
library VectorWriter {
    uint256 private constant CHUNK = 256;

    function root(int64[] memory values, uint8 bits) internal pure returns (bytes32) {
        return rootOver(_chunks(values, bits), bits, uint64(values.length));
    }

    function proof(int64[] memory values, uint8 bits, uint256 chunk) internal pure returns (ChunkProof memory) {
        return proofOver(_chunks(values, bits), chunk);
    }

    function rootOver(bytes[] memory chunks, uint8 bits, uint64 length) internal pure returns (bytes32) {
        return sha256(abi.encodePacked(uint8(2), bits, length, _tree(_leaves(chunks), 0, chunks.length)));
    }

    function proofOver(bytes[] memory chunks, uint256 chunk) internal pure returns (ChunkProof memory) {
        return ChunkProof(chunks[chunk], _path(_leaves(chunks), 0, chunks.length, chunk));
    }

    function _leaves(bytes[] memory chunks) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](chunks.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = sha256(abi.encodePacked(uint8(0), chunks[i]));
        }
    }

    function _chunks(int64[] memory values, uint8 bits) private pure returns (bytes[] memory chunks) {
        chunks = new bytes[]((values.length + CHUNK - 1) / CHUNK);
        for (uint256 i = 0; i < chunks.length; ++i) {
            chunks[i] = _chunk(values, bits, i);
        }
    }

    function _chunk(int64[] memory values, uint8 bits, uint256 index) private pure returns (bytes memory chunk) {
        uint256 from = index * CHUNK;
        uint256 to = from + CHUNK < values.length ? from + CHUNK : values.length;
        uint256 width = bits / 8;
        chunk = new bytes((to - from) * width);
        for (uint256 i = from; i < to; ++i) {
            for (uint256 b = 0; b < width; ++b) {
                chunk[(i - from) * width + b] = bytes1(uint8(uint64(values[i]) >> (8 * (width - 1 - b))));
            }
        }
    }

    /// RFC 6962: the largest power of two below the number of leaves stands to the left.
    function _split(uint256 count) private pure returns (uint256 left) {
        left = 1;
        while (left * 2 < count) left *= 2;
    }

    function _tree(bytes32[] memory leaves, uint256 from, uint256 to) private pure returns (bytes32) {
        if (to - from == 1) return leaves[from];
        uint256 middle = from + _split(to - from);
        return sha256(abi.encodePacked(uint8(1), _tree(leaves, from, middle), _tree(leaves, middle, to)));
    }

    function _path(bytes32[] memory leaves, uint256 from, uint256 to, uint256 index)
        private
        pure
        returns (bytes32[] memory)
    {
        if (to - from == 1) return new bytes32[](0);
        uint256 middle = from + _split(to - from);
        bool left = index < middle;
        bytes32[] memory below = left ? _path(leaves, from, middle, index) : _path(leaves, middle, to, index);
        bytes32[] memory whole = new bytes32[](below.length + 1);
        for (uint256 i = 0; i < below.length; ++i) {
            whole[i] = below[i];
        }
        whole[below.length] = left ? _tree(leaves, middle, to) : _tree(leaves, from, middle);
        return whole;
    }
}
