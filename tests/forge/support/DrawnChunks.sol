// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// Chunks of vectors too long to be written out: drawn values under drawn siblings.
library DrawnChunks {
    /// Values of the whole range; partial sums of a plausible one, for their sum has to fit.
    function drawn(uint256 seed, uint256 bits) internal pure returns (bytes memory chunk) {
        for (uint256 i = 0; i < bits; ++i) {
            bytes32 word = keccak256(abi.encode(seed, i));
            if (bits == 64) word &= 0x01ffffffffffffff01ffffffffffffff01ffffffffffffff01ffffffffffffff;
            chunk = bytes.concat(chunk, word);
        }
    }

    function packed(int256[] memory values) internal pure returns (bytes memory chunk) {
        chunk = new bytes(values.length * 8);
        for (uint256 i = 0; i < values.length; ++i) {
            for (uint256 b = 0; b < 8; ++b) {
                chunk[i * 8 + b] = bytes1(uint8(uint256(values[i]) >> (56 - 8 * b)));
            }
        }
    }

    /// As many siblings as the place has.
    function path(uint64 length, uint64 index) internal pure returns (bytes32[] memory siblings) {
        uint256 used;
        siblings = new bytes32[](64);
        for (uint256 count = (uint256(length) + 255) / 256; count > 1; (count, index) = ((count + 1) / 2, index / 2)) {
            if (index ^ 1 < count) siblings[used] = keccak256(abi.encode("sibling", used++));
        }
        assembly ("memory-safe") {
            mstore(siblings, used)
        }
    }

    function root(uint8 bits, uint64 length, uint64 index, bytes memory chunk, bytes32[] memory siblings)
        internal
        pure
        returns (bytes32 node)
    {
        node = sha256(bytes.concat(hex"00", chunk));
        uint256 used;
        for (uint256 count = (uint256(length) + 255) / 256; count > 1; (count, index) = ((count + 1) / 2, index / 2)) {
            if (index ^ 1 >= count) continue;
            bytes32 sibling = siblings[used++];
            node = index & 1 == 1
                ? sha256(bytes.concat(hex"01", sibling, node))
                : sha256(bytes.concat(hex"01", node, sibling));
        }
        node = sha256(bytes.concat(hex"02", bytes1(bits), bytes8(length), node));
    }
}
