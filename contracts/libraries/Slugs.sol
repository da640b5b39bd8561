// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title The rule for names (M-1): letters and digits in ASCII, single separators inside
library Slugs {
    uint256 internal constant MAX_LENGTH = 64;

    /// @return position the first byte that breaks the rule, or `type(uint256).max` if none does.
    function firstOffence(bytes memory text) internal pure returns (uint256 position) {
        uint256 length = text.length;
        if (length == 0 || length > MAX_LENGTH) return length;
        bool separated = true; // a name can't begin with a separator
        for (uint256 i = 0; i < length; ++i) {
            bytes1 c = text[i];
            bool separator = c == "-" || c == "_" || c == ".";
            bool alphanumeric = (c >= "a" && c <= "z") || (c >= "0" && c <= "9");
            if (!alphanumeric && (!separator || separated)) return i;
            separated = separator;
        }
        return separated ? length - 1 : type(uint256).max;
    }

    /// @return text with capitals made small and blanks made dashes.
    function normalised(string memory name) internal pure returns (string memory) {
        bytes memory text = bytes(name);
        if (text.length > MAX_LENGTH) return name; // refused by its length in any case
        for (uint256 i = 0; i < text.length; ++i) {
            if (text[i] >= "A" && text[i] <= "Z") text[i] = bytes1(uint8(text[i]) + 32);
            else if (text[i] == " ") text[i] = "-";
        }
        return string(text);
    }

    /// @return whether a name padded with zeros to 32 bytes satisfies the rule.
    function isPaddedSlug(bytes32 padded) internal pure returns (bool) {
        uint256 length = 0;
        while (length < 32 && padded[length] != 0) ++length;
        if (length < 32 && uint256(padded) << (8 * length) != 0) return false; // something after a zero
        bytes memory text = new bytes(length);
        for (uint256 i = 0; i < length; ++i) {
            text[i] = padded[i];
        }
        return firstOffence(text) == type(uint256).max;
    }
}
