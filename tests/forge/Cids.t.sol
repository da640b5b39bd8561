// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {CidText} from "../../contracts/libraries/CidText.sol";
import {CidWriter} from "./support/CidWriter.sol";
import {Fixture} from "./support/Fixture.sol";

/// C-1: what is written as a CID is read back, for every digest.
contract CidsTest is Fixture {
    function testFuzz_C1_base32_comes_back(bytes32 digest, bool raw) public pure {
        uint8 codec = raw ? 0x55 : 0x70;
        string memory text = CidWriter.base32(abi.encodePacked(uint8(1), codec, uint16(0x1220), digest));
        (bool ok, uint64 foundCodec, bytes32 found) = CidText.parse(text);
        holds(ok && foundCodec == codec);
        same(found, digest);
    }

    function testFuzz_C1_base58_comes_back(bytes32 digest) public pure {
        string memory text = CidWriter.base58(abi.encodePacked(uint16(0x1220), digest));
        (bool ok, uint64 codec, bytes32 found) = CidText.parse(text);
        holds(ok && codec == 0x70);
        same(found, digest);
    }

    function testFuzz_another_version_codec_or_hash_is_refused(bytes32 digest, bytes4 prefix) public pure {
        vm.assume(prefix != 0x01551220 && prefix != 0x01701220);
        (bool ok,,) = CidText.parse(CidWriter.base32(abi.encodePacked(prefix, digest)));
        holds(!ok);
    }

    function testFuzz_a_version_0_text_of_another_prefix_is_refused(bytes32 digest, uint16 prefix) public pure {
        vm.assume(prefix != 0x1220);
        (bool ok,,) = CidText.parse(CidWriter.base58(abi.encodePacked(prefix, digest)));
        holds(!ok);
    }

    function testFuzz_two_spare_bits_have_to_be_zero(bytes32 digest, uint8 spare) public pure {
        bytes memory text = bytes(CidWriter.base32(abi.encodePacked(uint32(0x01701220), digest)));
        // 290 bits hold 288: the two lowest are spare
        text[58] = CidWriter.base32Letter(CidWriter.base32Value(text[58]) | (1 + spare % 3));
        (bool ok,,) = CidText.parse(string(text));
        holds(!ok);
    }
}
