// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Roots of integer vectors, and proofs of their chunks (L-4)
/// @dev The tree is RFC 6962's, with sha-256 by its precompile at address 2. Leaves, nodes and the outer root
///      begin with 0, 1 and 2, so none can be passed off as another (T-18).
library VectorRoots {
    /// Values in a chunk; the last chunk of a vector may hold fewer.
    uint256 internal constant CHUNK = 256;

    /// The widest value, in bits.
    uint256 private constant WIDEST = 64;

    /// @return whether values of that many bits stand in vectors of whole bytes: 8, 16, 32 or 64.
    function isWidth(uint256 bits) internal pure returns (bool) {
        return bits == 8 || bits == 16 || bits == 32 || bits == 64;
    }

    /// @return how many values the chunk at `index` holds; 0 if a vector of that length has no such chunk.
    function valuesAt(uint256 length, uint256 index) internal pure returns (uint256) {
        // No overflow: both stand in 64 bits.
        uint256 start = index * CHUNK;
        if (start >= length) return 0;
        return length - start < CHUNK ? length - start : CHUNK;
    }

    /// @return whether `chunk` stands at `index` in the vector of that root, width and length. A proof with a
    ///         sibling too many or too few proves nothing, nor does a chunk of another size.
    function verifyChunk(
        bytes32 root,
        uint256 bits,
        uint64 length,
        uint64 index,
        bytes calldata chunk,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        return isWidth(bits) && verifyPacked(root, bits, length, index, chunk, proof);
    }

    /// @return the same of values of any width from 1 to 64 bits, packed one after another.
    function verifyPacked(
        bytes32 root,
        uint256 bits,
        uint64 length,
        uint64 index,
        bytes calldata chunk,
        bytes32[] calldata proof
    ) internal view returns (bool) {
        uint256 values = valuesAt(length, index);
        if (bits == 0 || bits > WIDEST || values == 0 || !_isPacked(chunk, values * bits)) return false;
        (bytes32 top, uint256 used) = _climb(leafOf(chunk), index, (uint256(length) + CHUNK - 1) / CHUNK, proof);
        return used == proof.length && rootOf(bits, length, top) == root;
    }

    /// @return whether a chunk has the bytes that so many bits need, and zeros behind them. A root can be made over
    ///         chunks of any size, with anything behind their values: those are no vector's.
    function _isPacked(bytes calldata chunk, uint256 bits) private pure returns (bool) {
        if (chunk.length != (bits + 7) / 8) return false;
        uint256 used = bits & 7;
        return used == 0 || uint8(chunk[chunk.length - 1]) & (0xff >> used) == 0;
    }

    /// Climbs from a leaf by its siblings. The last node of an odd level has none, and moves up as it is.
    /// @return node what comes to stand above `count` leaves; nothing that counts if siblings were missing.
    /// @return used the siblings taken; one more than there are if some were missing.
    function _climb(bytes32 node, uint256 at, uint256 count, bytes32[] calldata proof)
        private
        view
        returns (bytes32, uint256 used)
    {
        while (count > 1) {
            // A sibling beyond the level's end isn't there: RFC 6962 doubles no last node.
            if (at ^ 1 < count) {
                if (used == proof.length) return (0, used + 1);
                bytes32 sibling = proof[used++];
                node = at & 1 == 0 ? nodeOf(node, sibling) : nodeOf(sibling, node);
            }
            at >>= 1;
            count = (count + 1) >> 1;
        }
        return (node, used);
    }

    /// @return hash sha(0x00 ‖ chunk).
    function leafOf(bytes calldata chunk) internal view returns (bytes32 hash) {
        bool done;
        assembly ("memory-safe") {
            // Memory past the free pointer is written and not kept: the input is needed for this one call.
            let free := mload(0x40)
            mstore8(free, 0)
            calldatacopy(add(free, 1), chunk.offset, chunk.length)
            done := staticcall(gas(), 2, free, add(chunk.length, 1), 0, 32)
            hash := mload(0)
        }
        _requireHashed(done);
    }

    /// @return hash sha(0x01 ‖ left ‖ right).
    function nodeOf(bytes32 left, bytes32 right) internal view returns (bytes32 hash) {
        bool done;
        assembly ("memory-safe") {
            // 1 + 32 + 32 bytes; the words overlap nothing that is kept.
            let free := mload(0x40)
            mstore8(free, 1)
            mstore(add(free, 1), left)
            mstore(add(free, 33), right)
            done := staticcall(gas(), 2, free, 65, 0, 32)
            hash := mload(0)
        }
        _requireHashed(done);
    }

    /// @return hash sha(0x02 ‖ bits ‖ length ‖ top).
    function rootOf(uint256 bits, uint64 length, bytes32 top) internal view returns (bytes32 hash) {
        bool done;
        assembly ("memory-safe") {
            // 1 + 1 + 8 + 32 bytes: the length takes the upper 8 of a word, whose rest the root then overwrites.
            let free := mload(0x40)
            mstore8(free, 2)
            mstore8(add(free, 1), bits)
            mstore(add(free, 2), shl(192, length))
            mstore(add(free, 10), top)
            done := staticcall(gas(), 2, free, 42, 0, 32)
            hash := mload(0)
        }
        _requireHashed(done);
    }

    /// The precompile fails only for want of gas. Then nothing is known about the hash, so nothing may be judged.
    function _requireHashed(bool done) private pure {
        if (done) return;
        assembly ("memory-safe") {
            revert(0, 0)
        }
    }
}
