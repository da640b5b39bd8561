// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {VectorRoots} from "../../contracts/libraries/VectorRoots.sol";

/// The cheat codes that these tests use.
interface VectorVm {
    function readFile(string calldata path) external view returns (string memory);
    function toString(uint256 value) external pure returns (string memory);
    function keyExistsJson(string calldata json, string calldata key) external view returns (bool);
    function parseJsonBool(string calldata json, string calldata key) external pure returns (bool);
    function parseJsonUint(string calldata json, string calldata key) external pure returns (uint256);
    function parseJsonUintArray(string calldata json, string calldata key) external pure returns (uint256[] memory);
    function parseJsonBytes(string calldata json, string calldata key) external pure returns (bytes memory);
    function parseJsonBytesArray(string calldata json, string calldata key) external pure returns (bytes[] memory);
    function parseJsonBytes32(string calldata json, string calldata key) external pure returns (bytes32);
    function parseJsonBytes32Array(string calldata json, string calldata key) external pure returns (bytes32[] memory);
}

/// Calls the library with calldata, after leaving rubbish in the memory that it will take.
contract VectorRootsCaller {
    struct Case {
        bytes32 root;
        uint256 bits;
        uint64 length;
        uint64 index;
        bytes chunk;
        bytes32[] proof;
    }

    function verify(Case calldata c) external view returns (bool) {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for { let at := 0 } lt(at, 4096) { at := add(at, 32) } { mstore(add(free, at), not(0)) }
        }
        return VectorRoots.verifyChunk(c.root, c.bits, c.length, c.index, c.chunk, c.proof);
    }

    function verifyPacked(Case calldata c) external view returns (bool) {
        return VectorRoots.verifyPacked(c.root, c.bits, c.length, c.index, c.chunk, c.proof);
    }

    function leaf(bytes calldata chunk) external view returns (bytes32) {
        return VectorRoots.leafOf(chunk);
    }
}

/// L-4 on chain: every chunk proves itself, and nothing else does.
contract VectorRootsTest {
    VectorVm private constant vm = VectorVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    VectorRootsCaller private caller;
    VectorRootsCaller.Case[] private valid;
    VectorRootsCaller.Case[] private invalid;

    function setUp() public {
        caller = new VectorRootsCaller();
        string memory file = vm.readFile("tests/vectors/vector_proofs.json");
        for (uint256 i = 0;; ++i) {
            string memory at = string.concat(".cases[", vm.toString(i), "]");
            if (!vm.keyExistsJson(file, at)) break;
            VectorRootsCaller.Case memory c = VectorRootsCaller.Case({
                root: vm.parseJsonBytes32(file, string.concat(at, ".root")),
                bits: vm.parseJsonUint(file, string.concat(at, ".bits")),
                length: uint64(vm.parseJsonUint(file, string.concat(at, ".length"))),
                index: uint64(vm.parseJsonUint(file, string.concat(at, ".index"))),
                chunk: vm.parseJsonBytes(file, string.concat(at, ".chunk")),
                proof: vm.parseJsonBytes32Array(file, string.concat(at, ".proof"))
            });
            if (vm.parseJsonBool(file, string.concat(at, ".valid"))) valid.push(c);
            else invalid.push(c);
        }
    }

    function test_L4_every_golden_chunk_proves_itself() public view {
        require(valid.length >= 20, "few cases");
        for (uint256 i = 0; i < valid.length; ++i) {
            require(caller.verify(valid[i]), vm.toString(i));
        }
    }

    function test_L4_T18_what_is_nearly_a_golden_chunk_proves_nothing() public view {
        require(invalid.length >= 80, "few cases");
        for (uint256 i = 0; i < invalid.length; ++i) {
            require(!caller.verify(invalid[i]), vm.toString(i));
        }
    }

    function testFuzz_L4_a_changed_byte_proves_nothing(uint256 which, uint256 at, uint8 change) public view {
        VectorRootsCaller.Case memory c = valid[which % valid.length];
        if (change == 0) change = 1;
        at %= c.chunk.length;
        c.chunk[at] = bytes1(uint8(c.chunk[at]) ^ change);
        require(!caller.verify(c), "a changed chunk");
    }

    function testFuzz_L4_a_changed_sibling_or_root_proves_nothing(uint256 which, uint256 at, bytes32 change)
        public
        view
    {
        VectorRootsCaller.Case memory c = valid[which % valid.length];
        if (change == 0) change = bytes32(uint256(1));
        at %= c.proof.length + 1;
        if (at == c.proof.length) c.root ^= change;
        else c.proof[at] ^= change;
        require(!caller.verify(c), "a changed proof");
    }

    function testFuzz_L4_another_place_proves_nothing(uint256 which, uint64 length, uint64 index, uint8 bits)
        public
        view
    {
        VectorRootsCaller.Case memory c = valid[which % valid.length];
        if (length == c.length && index == c.index && bits == c.bits) return;
        (c.length, c.index, c.bits) = (length, index, bits);
        require(!caller.verify(c), "another place");
    }

    /// A vector of two chunks of any width, of which the second one has some values.
    function testFuzz_L4_chunks_of_packed_values_prove_themselves(uint8 width, uint8 last, bytes32 sibling)
        public
        view
    {
        uint256 bits = 1 + width % 64;
        uint64 values = 1 + last % 255;
        VectorRootsCaller.Case memory c =
            VectorRootsCaller.Case(0, bits, 256 + values, 1, new bytes((values * bits + 7) / 8), new bytes32[](1));
        c.chunk[0] = 0x80;
        c.proof[0] = sibling;
        c.root = _rootOver(c);
        require(caller.verifyPacked(c), "a packed chunk");
        require(caller.verify(c) == (bits == 8 || bits == 16 || bits == 32 || bits == 64), "a chunk of whole bytes");
        // Of another size, by a byte at its end.
        c.chunk = bytes.concat(c.chunk, hex"00");
        c.root = _rootOver(c);
        require(!caller.verifyPacked(c), "a byte too many");
    }

    /// What nobody's value is has to be zero: else a vector would have many roots.
    function testFuzz_L4_bits_behind_the_last_value_are_zero(uint8 width, uint8 last, uint8 bit) public view {
        uint256 bits = 1 + width % 63;
        uint64 values = 1 + last % 255;
        uint256 unused = (8 - values * bits % 8) % 8;
        VectorRootsCaller.Case memory c =
            VectorRootsCaller.Case(0, bits, 256 + values, 1, new bytes((values * bits + 7) / 8), new bytes32[](1));
        c.chunk[c.chunk.length - 1] = bytes1(uint8(1 << (bit % 8)));
        c.root = _rootOver(c);
        require(caller.verifyPacked(c) == (bit % 8 >= unused), "bits behind the last value");
    }

    function test_L4_values_of_no_bits_or_of_more_than_64_are_in_no_vector() public view {
        VectorRootsCaller.Case memory c = VectorRootsCaller.Case(0, 64, 257, 1, new bytes(8), new bytes32[](1));
        c.root = _rootOver(c);
        require(caller.verifyPacked(c), "64 bits");
        (c.bits, c.chunk) = (65, new bytes(9));
        c.root = _rootOver(c);
        require(!caller.verifyPacked(c), "65 bits");
        (c.bits, c.chunk) = (0, "");
        c.root = _rootOver(c);
        require(!caller.verifyPacked(c), "no bits");
    }

    /// The root of a vector whose second chunk this is.
    function _rootOver(VectorRootsCaller.Case memory c) private pure returns (bytes32) {
        bytes32 leaf = sha256(bytes.concat(hex"00", c.chunk));
        bytes32 top = sha256(bytes.concat(hex"01", c.proof[0], leaf));
        return sha256(bytes.concat(hex"02", bytes1(uint8(c.bits)), bytes8(c.length), top));
    }

    /// A node's two children, given as a chunk of 64 bytes, have another hash: 0x00 stands before a chunk.
    function testFuzz_T18_an_inner_node_is_no_chunk(bytes32 left, bytes32 right) public view {
        require(caller.leaf(abi.encode(left, right)) != sha256(bytes.concat(hex"01", left, right)), "a node as a chunk");
    }

    function testFuzz_L4_a_leaf_is_the_hash_that_the_specification_names(bytes calldata chunk) public view {
        require(caller.leaf(chunk) == sha256(bytes.concat(hex"00", chunk)), "another hash");
    }

    /// Without gas for the precompile nothing may be told, least of all that a proof fails.
    function testFuzz_L4_want_of_gas_is_never_taken_for_a_failed_proof(uint256 which, uint32 gas_) public view {
        VectorRootsCaller.Case memory c = valid[which % valid.length];
        try caller.verify{gas: 2_000 + gas_ % 60_000}(c) returns (bool proven) {
            require(proven, "a wrong answer for want of gas");
        } catch {}
    }
}
