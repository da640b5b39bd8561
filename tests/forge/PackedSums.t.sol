// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Keystreams} from "../../contracts/libraries/Keystreams.sol";
import {PackedRows, PackedSums} from "../../contracts/libraries/PackedSums.sol";
import {PlainSums} from "./support/PlainSums.sol";

/// Calls the libraries with calldata, after leaving rubbish in the memory that they will take.
contract PackedSumsCaller {
    function sum(bytes[] calldata added, bytes[] calldata subtracted, uint256 width, uint256 values)
        external
        pure
        returns (int256[] memory)
    {
        _litter();
        PackedRows memory rows = PackedSums.allocate(width, values, added.length + subtracted.length);
        for (uint256 i = 0; i < added.length; ++i) {
            PackedSums.copy(rows, PackedSums.nextAdded(rows), added[i]);
        }
        for (uint256 i = 0; i < subtracted.length; ++i) {
            PackedSums.copy(rows, PackedSums.nextSubtracted(rows), subtracted[i]);
        }
        return PackedSums.sums(rows);
    }

    function firstOther(int256[] memory sums, bytes calldata numbers) external pure returns (uint256, int256) {
        return PackedSums.firstOther(sums, numbers);
    }

    function keystream(bytes32 seed, uint256 first, uint256 blocks) external view returns (bytes memory stream) {
        stream = new bytes(blocks * 32);
        uint256 to;
        assembly ("memory-safe") {
            to := add(stream, 32)
        }
        Keystreams.write(to, seed, first, blocks);
    }

    function _litter() private pure {
        assembly ("memory-safe") {
            let free := mload(0x40)
            for { let at := 0 } lt(at, 65536) { at := add(at, 32) } { mstore(add(free, at), not(at)) }
        }
    }
}

/// What is summed many values at once comes to what it comes to value by value.
contract PackedSumsTest {
    bool public constant IS_TEST = true;

    PackedSumsCaller private caller;

    function setUp() public {
        caller = new PackedSumsCaller();
    }

    /// Packed chunks with any bits, zeros behind the last value.
    function _drawn(uint256 seed, uint256 count, uint256 width, uint256 values)
        private
        pure
        returns (bytes[] memory chunks)
    {
        chunks = new bytes[](count);
        uint256 size = (values * width + 7) / 8;
        for (uint256 i = 0; i < count; ++i) {
            bytes memory chunk = PlainSums.keystream(keccak256(abi.encode(seed, i)), width, 0, values);
            assembly ("memory-safe") {
                mstore(chunk, size)
            }
            if (values * width % 8 != 0) chunk[size - 1] &= bytes1(uint8(0xff << (8 - values * width % 8)));
            chunks[i] = chunk;
        }
    }

    /// A width that sums are taken of: 8 to 32 bits, or an even number up to 64.
    function _width(uint256 drawn) private pure returns (uint256) {
        drawn = drawn % 41;
        return drawn < 25 ? 8 + drawn : 34 + 2 * (drawn - 25);
    }

    function _same(int256[] memory a, int256[] memory b) private pure {
        require(keccak256(abi.encode(a)) == keccak256(abi.encode(b)), "another sum");
    }

    function testFuzz_packed_values_are_summed_as_they_are_one_by_one(
        uint256 seed,
        uint256 width,
        uint8 last,
        uint8 added,
        uint8 subtracted
    ) public view {
        width = _width(width);
        uint256 values = 1 + uint256(last) % 40;
        bytes[] memory plus = _drawn(seed, added % 12, width, values);
        bytes[] memory minus = _drawn(~seed, subtracted % 12, width, values);
        _same(caller.sum(plus, minus, width, values), PlainSums.sums(plus, minus, width, values));
    }

    function test_a_whole_chunk_of_every_width_is_summed() public view {
        for (uint256 i = 0; i < 41; i += 3) {
            uint256 width = _width(i);
            bytes[] memory plus = _drawn(i, 2, width, 256);
            bytes[] memory minus = _drawn(~i, 1, width, 256);
            _same(caller.sum(plus, minus, width, 256), PlainSums.sums(plus, minus, width, 256));
        }
    }

    /// The most that a lane has to hold: all ones, of as many rows as there may be.
    function testFuzz_no_lane_runs_over_into_the_next(uint256 width, bool off) public view {
        width = _width(width);
        uint256 count = width == 8 ? 255 : 320;
        bytes[] memory ones = new bytes[](count);
        bytes memory one = new bytes(16 * width / 8);
        for (uint256 i = 0; i < one.length; ++i) {
            one[i] = 0xff;
        }
        for (uint256 i = 0; i < count; ++i) {
            ones[i] = one;
        }
        bytes[] memory none = new bytes[](0);
        int256[] memory found = off ? caller.sum(none, ones, width, 16) : caller.sum(ones, none, width, 16);
        // Each of them is -1.
        int256 expected = PlainSums.centred(uint256(off ? int256(count) : -int256(count)), width);
        for (uint256 i = 0; i < 16; ++i) {
            require(found[i] == expected, "a lane ran over");
        }
    }

    function testFuzz_what_differs_first_is_found(uint256 seed, uint8 at, int64 other) public view {
        uint256 values = 1 + seed % 40;
        int256[] memory sums = new int256[](values);
        bytes memory numbers;
        for (uint256 i = 0; i < values; ++i) {
            sums[i] = int64(uint64(uint256(keccak256(abi.encode(seed, i)))));
            numbers = bytes.concat(numbers, bytes8(uint64(int64(sums[i]))));
        }
        (uint256 position,) = caller.firstOther(sums, numbers);
        require(position == values, "all are the same");
        uint256 changed = at % values;
        int64 right = int64(sums[changed]);
        if (other == right) return;
        sums[changed] = other;
        int256 actual;
        (position, actual) = caller.firstOther(sums, numbers);
        require(position == changed && actual == right, "another place");
    }

    function testFuzz_a_keystream_is_the_hashes_of_its_seed_and_counter(bytes32 seed, uint64 first, uint8 count)
        public
        view
    {
        bytes memory expected;
        first >>= 1; // so that no counter runs over
        uint256 blocks = count % 70;
        for (uint256 n = first; n < first + blocks; ++n) {
            expected = bytes.concat(expected, sha256(abi.encodePacked(seed, uint64(n))));
        }
        require(keccak256(caller.keystream(seed, first, blocks)) == keccak256(expected), "another keystream");
    }

    /// Without gas for the precompile nothing may be told, least of all another keystream.
    function testFuzz_want_of_gas_is_never_taken_for_a_keystream(uint32 gas_) public view {
        bytes memory right = caller.keystream(0, 0, 21);
        try caller.keystream{gas: 1_000 + gas_ % 12_000}(0, 0, 21) returns (bytes memory stream) {
            require(keccak256(stream) == keccak256(right), "another keystream for want of gas");
        } catch {}
    }
}
