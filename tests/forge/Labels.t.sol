// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IModelRegistry} from "../../contracts/interfaces/IModelRegistry.sol";
import {Labels} from "../../contracts/libraries/Labels.sol";
import {Content, ModelId, VersionId, Visibility} from "../../contracts/types/ModelTypes.sol";
import {RoundId} from "../../contracts/types/RoundTypes.sol";
import {Fixture} from "./support/Fixture.sol";

/// M-10: licences and reasons. Given a model of this account; when a text breaks the rule; it is refused by name.
contract LabelsTest is Fixture {
    ModelId private model;

    function setUp() public {
        deployAll();
        model = registry.register("labelled", Visibility.Public, 0);
    }

    /// The rule, written down a second time: from the end, character by character.
    function restated(bytes32 word) private pure returns (bool) {
        uint256 end = 32;
        while (end > 0 && word[end - 1] == 0) --end;
        for (uint256 i = 0; i < end; ++i) {
            uint8 c = uint8(word[i]);
            if (c < 32 || c > 126) return false;
        }
        return end == 0 || (uint8(word[0]) != 32 && uint8(word[end - 1]) != 32);
    }

    function testFuzz_a_word_is_a_label_exactly_when_the_rule_says_so(bytes32 word) public pure {
        holds(Labels.isPaddedLabel(word) == restated(word));
    }

    function testFuzz_words_of_few_letters_follow_the_rule(uint256 seed, uint8 length) public pure {
        bytes memory letters = "aZ~! \x00\x7f\xc3";
        bytes32 word;
        for (uint256 i = 0; i < length % 6; ++i) {
            uint256 at = uint256(keccak256(abi.encode(seed, i))) % letters.length;
            word |= bytes32(letters[at]) >> (8 * i);
        }
        holds(Labels.isPaddedLabel(word) == restated(word));
    }

    function test_the_goldens_that_Python_reads_too() public view {
        string memory file = vm.readFile("tests/vectors/labels.json");
        uint256 i;
        for (; vm.keyExistsJson(file, string.concat(".labels[", vm.toString(i), "]")); ++i) {
            string memory at = string.concat(".labels[", vm.toString(i), "]");
            bytes32 word = vm.parseJsonBytes32(file, string.concat(at, ".word"));
            holds(Labels.isPaddedLabel(word) == vm.parseJsonBool(file, string.concat(at, ".sound")));
        }
        holds(i == 14);
    }

    function test_a_licence_that_is_no_label_is_refused_and_a_label_is_taken() public {
        Content memory content = Content(bytes32(uint256(1)), 0x70);
        bytes32 licence = bytes32(bytes(unicode"Lizenzä"));
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidLicence.selector, licence));
        registry.publishVersion(model, 1, content, new VersionId[](0), RoundId.wrap(0), licence);
        registry.publishVersion(model, 1, content, new VersionId[](0), RoundId.wrap(0), "Apache-2.0");
    }

    function test_a_reason_with_a_control_character_is_refused_by_its_place() public {
        registry.publishVersion(model, 1, Content(bytes32(uint256(1)), 0x70), new VersionId[](0), RoundId.wrap(0), 0);
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidReason.selector, uint256(2)));
        registry.yankVersion(model, 1, "ab\x1b]0;title");
        vm.expectRevert(abi.encodeWithSelector(IModelRegistry.InvalidReason.selector, uint256(0)));
        registry.deprecateVersion(model, 1, "\x7f");
        registry.yankVersion(model, 1, unicode"schlecht für alle");
    }
}
