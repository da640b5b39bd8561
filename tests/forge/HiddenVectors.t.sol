// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {PackedSumsCaller} from "./PackedSums.t.sol";
import {VectorRootsCaller, VectorVm} from "./VectorRoots.t.sol";

/// Masks, packing and packed roots are those of the vectors that Python reads too (H-5, L-4).
contract HiddenVectorsTest {
    VectorVm private constant vm = VectorVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    PackedSumsCaller private sums;
    VectorRootsCaller private roots;
    string private file;

    function setUp() public {
        sums = new PackedSumsCaller();
        roots = new VectorRootsCaller();
    }

    function _at(string memory list, uint256 i, string memory rest) private pure returns (string memory) {
        return string.concat(".", list, "[", vm.toString(i), "]", rest);
    }

    function _number(string memory list, uint256 i, string memory name) private view returns (uint256) {
        return vm.parseJsonUint(file, _at(list, i, name));
    }

    /// The last bits of a mask's last byte are none of it: the vectors have zeros there.
    function _cut(bytes memory stream, uint256 bits) private pure {
        uint256 size = (bits + 7) / 8;
        assembly ("memory-safe") {
            mstore(stream, size)
        }
        if (bits % 8 != 0) stream[size - 1] &= bytes1(uint8(0xff << (8 - bits % 8)));
    }

    function test_H5_a_chunk_of_every_mask_is_the_vector_s() public {
        file = vm.readFile("tests/vectors/hidden_keystreams.json");
        uint256 i;
        for (; vm.keyExistsJson(file, _at("cases", i, "")); ++i) {
            (uint256 width, uint256 values) = (_number("cases", i, ".width"), _number("cases", i, ".values"));
            bytes32 seed = vm.parseJsonBytes32(file, _at("cases", i, ".seed"));
            uint256 first = _number("cases", i, ".chunk") * width;
            bytes memory stream = sums.keystream(seed, first, (values * width + 255) / 256);
            _cut(stream, values * width);
            require(keccak256(stream) == keccak256(vm.parseJsonBytes(file, _at("cases", i, ".mask"))), vm.toString(i));
        }
        require(i >= 40, "few cases");
    }

    function test_H5_packed_values_are_read_as_the_vector_has_them() public {
        file = vm.readFile("tests/vectors/hidden_packing.json");
        uint256 i;
        for (; vm.keyExistsJson(file, _at("chunks", i, "")); ++i) {
            uint256 width = _number("chunks", i, ".width");
            uint256[] memory values = vm.parseJsonUintArray(file, _at("chunks", i, ".values"));
            bytes[] memory added = new bytes[](1);
            added[0] = vm.parseJsonBytes(file, _at("chunks", i, ".packed"));
            int256[] memory found = sums.sum(added, new bytes[](0), width, values.length);
            require(found.length == values.length, vm.toString(i));
            for (uint256 j = 0; j < values.length; ++j) {
                // Two's complement: the upper half of the residues stands for negative numbers.
                int256 value = int256(values[j]);
                if (values[j] >> (width - 1) == 1) value -= int256(1 << width);
                require(found[j] == value, vm.toString(i));
            }
        }
        require(i >= 40, "few cases");
    }

    function test_L4_packed_chunks_prove_themselves_where_the_vector_says() public {
        file = vm.readFile("tests/vectors/hidden_packing.json");
        (uint256 i, uint256 refused) = (0, 0);
        for (; vm.keyExistsJson(file, _at("vectors", i, "")); ++i) {
            VectorRootsCaller.Case memory c = VectorRootsCaller.Case({
                root: vm.parseJsonBytes32(file, _at("vectors", i, ".root")),
                bits: _number("vectors", i, ".width"),
                length: uint64(_number("vectors", i, ".length")),
                index: uint64(_number("vectors", i, ".index")),
                chunk: vm.parseJsonBytes(file, _at("vectors", i, ".chunk")),
                proof: vm.parseJsonBytes32Array(file, _at("vectors", i, ".proof"))
            });
            bool valid = vm.parseJsonBool(file, _at("vectors", i, ".valid"));
            require(roots.verifyPacked(c) == valid, vm.toString(i));
            if (!valid) ++refused;
        }
        require(i - refused >= 24 && refused >= 12, "few cases");
    }
}
