// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CidText} from "../../contracts/libraries/CidText.sol";
import {Fixture} from "./support/Fixture.sol";

/// C-1: what is written as a CID is read back, for every digest; the writers stand here, apart from the reader.
contract CidsTest is Fixture {
    bytes private constant BASE32 = "abcdefghijklmnopqrstuvwxyz234567";
    bytes private constant BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    /// `b` and the 36 bytes 01 ‖ codec ‖ 1220 ‖ digest, five bits a letter, padded with zero bits.
    function _base32(bytes memory binary) private pure returns (string memory) {
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

    /// Long division of the bytes by 58, digit by digit; leading zero bytes don't occur here.
    function _base58(bytes memory binary) private pure returns (string memory) {
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

    function testFuzz_C1_base32_comes_back(bytes32 digest, bool raw) public pure {
        uint8 codec = raw ? 0x55 : 0x70;
        string memory text = _base32(abi.encodePacked(uint8(1), codec, uint16(0x1220), digest));
        (bool ok, uint64 foundCodec, bytes32 found) = CidText.parse(text);
        holds(ok && foundCodec == codec);
        same(found, digest);
    }

    function testFuzz_C1_base58_comes_back(bytes32 digest) public pure {
        (bool ok, uint64 codec, bytes32 found) = CidText.parse(_base58(abi.encodePacked(uint16(0x1220), digest)));
        holds(ok && codec == 0x70);
        same(found, digest);
    }

    function testFuzz_another_version_codec_or_hash_is_refused(bytes32 digest, bytes4 prefix) public pure {
        vm.assume(prefix != 0x01551220 && prefix != 0x01701220);
        (bool ok,,) = CidText.parse(_base32(abi.encodePacked(prefix, digest)));
        holds(!ok);
    }

    function testFuzz_a_version_0_text_of_another_prefix_is_refused(bytes32 digest, uint16 prefix) public pure {
        vm.assume(prefix != 0x1220);
        (bool ok,,) = CidText.parse(_base58(abi.encodePacked(prefix, digest)));
        holds(!ok);
    }

    function testFuzz_two_spare_bits_have_to_be_zero(bytes32 digest, uint8 spare) public pure {
        bytes memory text = bytes(_base32(abi.encodePacked(uint32(0x01701220), digest)));
        uint256 last;
        while (BASE32[last] != text[58]) ++last;
        text[58] = BASE32[last | (1 + spare % 3)]; // 290 bits hold 288: the two lowest are spare
        (bool ok,,) = CidText.parse(string(text));
        holds(!ok);
    }
}
