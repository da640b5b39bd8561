// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The rule for texts that people give (M-10): what no reader has to guess at
library Labels {
    /// @return whether a text padded with zeros to 32 bytes is printable ASCII without a blank at either end.
    /// The empty text is one.
    function isPaddedLabel(bytes32 padded) internal pure returns (bool) {
        if (padded == 0) return true;
        uint256 length = 0;
        while (length < 32 && padded[length] != 0) {
            if (padded[length] < 0x20 || padded[length] > 0x7e) return false;
            ++length;
        }
        if (length == 0) return false; // something after a zero
        if (length < 32 && uint256(padded) << (8 * length) != 0) return false;
        return padded[0] != " " && padded[length - 1] != " ";
    }

    /// @return position the first control character (below 0x20, or 0x7f), or `type(uint256).max` if there is none.
    function firstControl(bytes memory text) internal pure returns (uint256 position) {
        for (uint256 i = 0; i < text.length; ++i) {
            if (text[i] < 0x20 || text[i] == 0x7f) return i;
        }
        return type(uint256).max;
    }
}
