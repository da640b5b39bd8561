// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Which seats enough holders hold: 256 seats at a time
library Bitmaps {
    /// @return bits that at least `quorum` of at most 255 bitmaps have set in a word.
    /// @dev Counts all 256 columns at once: `planes[j]` holds bit j of every column's count, and each bitmap is added
    ///      with its carries. The comparison goes from the highest bit down.
    function heldByAtLeast(uint256[][] calldata held, uint256 word, uint256 quorum) internal pure returns (uint256) {
        uint256[8] memory planes;
        for (uint256 i = 0; i < held.length; ++i) {
            uint256 carry = held[i][word];
            for (uint256 j = 0; carry != 0; ++j) {
                (planes[j], carry) = (planes[j] ^ carry, planes[j] & carry);
            }
        }
        (uint256 above, uint256 equal) = (0, type(uint256).max);
        for (uint256 left = 8; left != 0; --left) {
            uint256 plane = planes[left - 1];
            if (quorum >> (left - 1) & 1 == 1) {
                equal &= plane;
            } else {
                above |= equal & plane;
                equal &= ~plane;
            }
        }
        return above | equal;
    }

    /// @return whether a bitmap of several words has a bit set.
    function has(uint256[] calldata bitmap, uint256 index) internal pure returns (bool) {
        return index >> 8 < bitmap.length && bitmap[index >> 8] >> (index & 0xff) & 1 == 1;
    }
}
