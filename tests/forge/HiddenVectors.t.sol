// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PackedSumsCaller} from "./PackedSums.t.sol";
import {VectorRootsCaller, VectorVm} from "./VectorRoots.t.sol";
import {PlainSums} from "./support/PlainSums.sol";

/// The goldens of hidden rounds, which Python reads too: the same keystreams, packing and roots.
contract HiddenVectorsTest {
    VectorVm private constant vm = VectorVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    PackedSumsCaller private sums;
    VectorRootsCaller private roots;

    function setUp() public {
        (sums, roots) = (new PackedSumsCaller(), new VectorRootsCaller());
    }

    function _at(string memory list, uint256 i, string memory rest) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]", rest);
    }

    function test_every_golden_keystream_is_drawn() public view {
        string memory file = vm.readFile("tests/vectors/hidden_keystreams.json");
        uint256 i;
        for (; vm.keyExistsJson(file, _at("cases", i, "")); ++i) {
            uint256 width = vm.parseJsonUint(file, _at("cases", i, ".width"));
            uint256 values = vm.parseJsonUint(file, _at("cases", i, ".values"));
            uint256 first = vm.parseJsonUint(file, _at("cases", i, ".chunk")) * width;
            bytes memory mask = vm.parseJsonBytes(file, _at("cases", i, ".mask"));
            bytes memory stream = sums.keystream(
                vm.parseJsonBytes32(file, _at("cases", i, ".seed")), first, (values * width + 255) / 256
            );
            for (uint256 v = 0; v < values; ++v) {
                bool same = PlainSums.residue(stream, width, v) == PlainSums.residue(mask, width, v);
                require(same, vm.toString(i));
            }
        }
        require(i >= 40, "few cases");
    }

    function test_every_golden_chunk_is_read_as_its_values() public view {
        string memory file = vm.readFile("tests/vectors/hidden_packing.json");
        uint256 i;
        for (; vm.keyExistsJson(file, _at("chunks", i, "")); ++i) {
            uint256 width = vm.parseJsonUint(file, _at("chunks", i, ".width"));
            uint256[] memory values = vm.parseJsonUintArray(file, _at("chunks", i, ".values"));
            bytes[] memory one = new bytes[](1);
            one[0] = vm.parseJsonBytes(file, _at("chunks", i, ".packed"));
            int256[] memory found = sums.sum(one, new bytes[](0), width, values.length);
            for (uint256 v = 0; v < values.length; ++v) {
                require(found[v] == PlainSums.centred(values[v], width), vm.toString(i));
            }
        }
        require(i >= 40, "few cases");
    }

    function test_every_golden_packed_chunk_proves_itself_and_nothing_else_does() public view {
        string memory file = vm.readFile("tests/vectors/hidden_packing.json");
        uint256 valid;
        uint256 i;
        for (; vm.keyExistsJson(file, _at("vectors", i, "")); ++i) {
            VectorRootsCaller.Case memory c = VectorRootsCaller.Case({
                root: vm.parseJsonBytes32(file, _at("vectors", i, ".root")),
                bits: vm.parseJsonUint(file, _at("vectors", i, ".width")),
                length: uint64(vm.parseJsonUint(file, _at("vectors", i, ".length"))),
                index: uint64(vm.parseJsonUint(file, _at("vectors", i, ".index"))),
                chunk: vm.parseJsonBytes(file, _at("vectors", i, ".chunk")),
                proof: vm.parseJsonBytes32Array(file, _at("vectors", i, ".proof"))
            });
            bool expected = vm.parseJsonBool(file, _at("vectors", i, ".valid"));
            require(roots.verifyPacked(c) == expected, vm.toString(i));
            if (expected) ++valid;
        }
        require(valid >= 20 && i > valid, "few cases");
    }
}
