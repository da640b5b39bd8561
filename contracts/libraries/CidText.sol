// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Reads the text of a CID: version 1 in base32, version 0 in base58
/// @dev Only SHA-256 digests with codec dag-pb or raw are read; every other text gives `ok == false`.
library CidText {
    uint64 internal constant DAG_PB = 0x70;
    uint64 internal constant RAW = 0x55;

    function parse(string memory text) internal pure returns (bool ok, uint64 codec, bytes32 digest) {
        bytes memory t = bytes(text);
        if (t.length == 59 && t[0] == "b") return _version1(t);
        if (t.length == 46 && t[0] == "Q" && t[1] == "m") return _version0(t);
        return (false, 0, 0);
    }

    /// @dev 58 letters carry 290 bits: 4 bytes of prefix, 32 of digest, and 2 bits that have to be zero.
    function _version1(bytes memory t) private pure returns (bool, uint64, bytes32) {
        uint256 high; // the first 160 bits
        uint256 low; // the last 130 bits
        for (uint256 i = 1; i < 59; ++i) {
            uint256 value = _base32(uint8(t[i]));
            if (value == 32) return (false, 0, 0);
            if (i <= 32) high = (high << 5) | value;
            else low = (low << 5) | value;
        }
        if (low & 3 != 0) return (false, 0, 0);
        uint256 prefix = high >> 128; // version, codec, hash function, length
        uint64 codec = uint64((prefix >> 16) & 0xff);
        if (prefix >> 24 != 1 || prefix & 0xffff != 0x1220 || (codec != DAG_PB && codec != RAW)) {
            return (false, 0, 0);
        }
        return (true, codec, bytes32((high << 128) | (low >> 2)));
    }

    function _base32(uint8 c) private pure returns (uint256) {
        if (c >= 97 && c <= 122) return c - 97; // a–z
        if (c >= 50 && c <= 55) return c - 24; // 2–7
        return 32;
    }

    /// @dev 34 bytes, 0x1220 and the digest, as a number of 272 bits in two words.
    function _version0(bytes memory t) private pure returns (bool, uint64, bytes32) {
        uint256 high; // above 128 bits
        uint256 low; // 128 bits
        for (uint256 i = 0; i < 46; ++i) {
            uint256 value = _base58(uint8(t[i]));
            if (value == 58) return (false, 0, 0);
            uint256 sum = low * 58 + value;
            low = sum & type(uint128).max;
            high = high * 58 + (sum >> 128);
        }
        if (high >> 128 != 0x1220) return (false, 0, 0);
        return (true, DAG_PB, bytes32((high << 128) | low));
    }

    function _base58(uint8 c) private pure returns (uint256) {
        if (c >= 49 && c <= 57) return c - 49; // 1–9
        if (c >= 65 && c <= 72) return c - 56; // A–H
        if (c >= 74 && c <= 78) return c - 57; // J–N
        if (c >= 80 && c <= 90) return c - 58; // P–Z
        if (c >= 97 && c <= 107) return c - 64; // a–k
        if (c >= 109 && c <= 122) return c - 65; // m–z
        return 58;
    }
}
