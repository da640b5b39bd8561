// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {CidText} from "../../contracts/libraries/CidText.sol";
import {Slugs} from "../../contracts/libraries/Slugs.sol";
import {ModelId, Visibility} from "../../contracts/types/ModelTypes.sol";
import {Fixture} from "./support/Fixture.sol";
import {TimestampedRegistry} from "../../contracts/testing/TimestampedRegistry.sol";

/// M-1, M-2: names and ids.
contract NamesTest is Fixture {
    bytes32 private constant DIGEST = 0xc3c4733ec8affd06cf9e9ff50ffc6bcd2ec85a6170004bb709669c31de94391a;

    function setUp() public {
        deployAll();
    }

    /// The rule, written down a second time, character by character.
    function restated(bytes memory text) private pure returns (bool) {
        if (text.length == 0 || text.length > 64) return false;
        bool before = true;
        for (uint256 i = 0; i < text.length; ++i) {
            uint8 c = uint8(text[i]);
            bool letter = (c > 96 && c < 123) || (c > 47 && c < 58);
            if (letter) {
                before = false;
            } else if (c == 45 || c == 46 || c == 95) {
                if (before) return false;
                before = true;
            } else {
                return false;
            }
        }
        return !before;
    }

    function testFuzz_a_slug_is_accepted_exactly_when_the_rule_says_so(bytes memory text) public pure {
        holds((Slugs.firstOffence(text) == type(uint256).max) == restated(text));
    }

    function testFuzz_short_texts_of_slug_letters_follow_the_rule(uint256 seed, uint8 length) public pure {
        bytes memory letters = "ab9-_.A \xc3";
        bytes memory text = new bytes(length % 8);
        for (uint256 i = 0; i < text.length; ++i) {
            text[i] = letters[uint256(keccak256(abi.encode(seed, i))) % letters.length];
        }
        holds((Slugs.firstOffence(text) == type(uint256).max) == restated(text));
    }

    function test_T24_homoglyphs_bidi_and_zero_width_names_are_refused() public {
        string[4] memory names = [unicode"mnіst", unicode"a\u202eb", unicode"a\u200bb", "Mnist"];
        uint256[4] memory at = [uint256(2), 1, 1, 0];
        for (uint256 i = 0; i < 4; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidSlug.selector, names[i], at[i]));
            registry.register(names[i], Visibility.Public, 0);
        }
    }

    function testFuzz_T23_ids_of_different_owners_and_slugs_differ(address a, address b, string memory s) public view {
        vm.assume(a != b);
        holds(ModelId.unwrap(registry.modelIdOf(a, s)) != ModelId.unwrap(registry.modelIdOf(b, s)));
        string memory other = string.concat(s, "x");
        holds(ModelId.unwrap(registry.modelIdOf(a, s)) != ModelId.unwrap(registry.modelIdOf(a, other)));
    }

    function test_T23_two_registrations_in_one_block_keep_both_where_a_time_stamped_id_loses_one() public {
        TimestampedRegistry naive = new TimestampedRegistry();
        vm.startPrank(HOSPITAL);
        bytes32 first = naive.registerModel("first", "a");
        same(naive.registerModel("second", "b"), first);
        same(keccak256(bytes(naive.nameOf(first))), keccak256("second"));

        ModelId one = registry.register("first", Visibility.Public, 0);
        ModelId two = registry.register("second", Visibility.Public, 0);
        holds(ModelId.unwrap(one) != ModelId.unwrap(two));
        same(registry.ownerOf(one), HOSPITAL);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.ModelExists.selector, one));
        registry.register("first", Visibility.Public, 0);
    }

    function test_the_simple_surface_works_as_it_reads() public {
        vm.startPrank(HOSPITAL);
        string memory cid = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        bytes32 id = registry.registerModel("Tumour Net", cid, false);
        same(id, ModelId.unwrap(registry.modelIdOf(HOSPITAL, "tumour-net")));
        holds(!registry.hasAccess(ModelId.wrap(id), STRANGER));
        registry.grantAccess(ModelId.wrap(id), STRANGER);
        holds(registry.hasAccess(ModelId.wrap(id), STRANGER));
    }

    function test_cids_of_both_versions_are_read() public pure {
        (bool ok, uint64 codec, bytes32 digest) =
            CidText.parse("bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi");
        holds(ok && codec == 0x70 && digest == DIGEST);
        (ok, codec,) = CidText.parse("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG");
        holds(ok && codec == 0x70);
    }

    function testFuzz_texts_that_are_no_cid_are_refused(string memory text) public pure {
        // the fuzzer also tries the real CIDs that stand in this file
        vm.assume(bytes(text).length != 59 && bytes(text).length != 46);
        (bool ok,,) = CidText.parse(text);
        holds(!ok);
    }

    function testFuzz_one_changed_letter_changes_the_digest_or_is_refused(uint8 at, bytes1 letter) public pure {
        bytes memory cid = "bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi";
        uint256 place = at % cid.length;
        vm.assume(cid[place] != letter);
        cid[place] = letter;
        (bool ok, uint64 codec, bytes32 digest) = CidText.parse(string(cid));
        holds(!ok || digest != DIGEST || codec != 0x70);
    }
}
