// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// Writes CIDs as text, apart from the contracts' reader, so that each can be held against the other.
library CidWriter {
    bytes private constant BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    bytes private constant BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// The text of version 1: `b` and the bytes, five bits a letter, padded with zero bits.
    function base32(bytes memory binary) internal pure returns (string memory) {
        bytes memory text = new bytes(1 + (binary.length * 8 + 4) / 5);
        text[0] = "b";
        uint256 held;
        uint256 bits;
        uint256 place = 1;
        for (uint256 i = 0; i < binary.length; ++i) {
            held = (held << 8) | uint8(binary[i]);
            for (bits += 8; bits >= 5; bits -= 5) {
                text[place++] = BASE32[(held >> (bits - 5)) & 31];
            }
        }
        if (bits != 0) text[place] = BASE32[(held << (5 - bits)) & 31];
        return string(text);
    }

    /// The text of version 0: long division of the bytes by 58; leading zero bytes don't occur here.
    function base58(bytes memory binary) internal pure returns (string memory) {
        bytes memory text = new bytes(46);
        for (uint256 place = 46; place != 0; --place) {
            uint256 rest;
            for (uint256 i = 0; i < binary.length; ++i) {
                rest = (rest << 8) | uint8(binary[i]);
                binary[i] = bytes1(uint8(rest / 58));
                rest %= 58;
            }
            text[place - 1] = BASE58[rest];
        }
        return string(text);
    }

    /// The value of a base32 letter.
    function base32Value(bytes1 letter) internal pure returns (uint256 value) {
        while (BASE32[value] != letter) ++value;
    }

    /// The base32 letter of a value.
    function base32Letter(uint256 value) internal pure returns (bytes1) {
        return BASE32[value];
    }
}
