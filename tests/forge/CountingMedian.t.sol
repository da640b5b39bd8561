// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ChunkRules, Rows} from "../../contracts/libraries/ChunkRules.sol";
import {SnapshotVm} from "./DisputeGas.t.sol";

/// The median by counting, as many values at once as sorting takes: the middle value is found bit by bit, each
/// time counting the rows that aren't below a candidate. What ChunkRules would do if it were cheaper.
library CountingMedian {
    /// @return middle of every lane of a word: the value of that rank, from 0, in natural numbers.
    function select(Rows memory rows, uint256 word, uint256 rank) internal pure returns (uint256 middle) {
        uint256 bits = rows.bits;
        uint256 ones = type(uint256).max / (type(uint256).max >> (256 - bits));
        // Added to a count, it sets a lane's top bit if enough rows aren't below the candidate.
        uint256 missing = (ones << (bits - 1)) - ones * (rows.count - rank);
        for (uint256 bit = bits; bit != 0; --bit) {
            uint256 candidate = middle | (ones << (bit - 1));
            uint256 counts = _notBelow(rows, word, candidate, ones);
            middle |= (((counts + missing) >> (bits - 1)) & ones) << (bit - 1);
        }
    }

    function _notBelow(Rows memory rows, uint256 word, uint256 candidate, uint256 ones)
        private
        pure
        returns (uint256 counts)
    {
        uint256 toLowest = rows.bits - 1;
        uint256 size = rows.words * 32;
        uint256 p = rows.at + word * 32;
        uint256 end = p + rows.count * size;
        assembly ("memory-safe") {
            let signs := shl(toLowest, ones)
            let rest := and(candidate, not(signs))
            for {} lt(p, end) { p := add(p, size) } {
                let v := xor(mload(p), signs)
                let least := sub(or(v, signs), rest)
                least := xor(least, and(xor(least, v), xor(v, candidate)))
                counts := add(counts, and(shr(toLowest, least), ones))
            }
        }
    }
}

/// Which is cheaper, sorting the rows or counting for the middle value: measured, and kept as a snapshot.
contract CountingMedianTest {
    SnapshotVm private constant vm = SnapshotVm(address(uint160(uint256(keccak256("hevm cheat code")))));
    bool public constant IS_TEST = true;

    function _rows(uint256 bits, uint256 count) private pure returns (Rows memory rows) {
        rows = ChunkRules.allocate(count, bits, 256);
        for (uint256 at = 0; at < count * rows.words; ++at) {
            bytes32 drawn = keccak256(abi.encode(at, count));
            uint256 to = rows.at + at * 32;
            assembly ("memory-safe") {
                mstore(to, drawn)
            }
        }
    }

    function _measured(uint256 bits, uint256 count) private returns (uint256 counting, uint256 sorting) {
        Rows memory rows = _rows(bits, count);
        uint256[] memory middles = new uint256[](rows.words);
        counting = gasleft();
        for (uint256 word = 0; word < rows.words; ++word) {
            middles[word] = CountingMedian.select(rows, word, (count - 1) / 2);
        }
        counting -= gasleft();
        sorting = gasleft();
        ChunkRules.sort(rows);
        sorting -= gasleft();
        _same(rows, middles, (count - 1) / 2);
        string memory label = string.concat(", int", vm.toString(bits), ", ", vm.toString(count), " inputs");
        vm.snapshotValue("median_gas", string.concat("counting", label), counting);
        vm.snapshotValue("median_gas", string.concat("sorting", label), sorting);
    }

    function _same(Rows memory rows, uint256[] memory middles, uint256 row) private pure {
        uint256 signs = (type(uint256).max / (type(uint256).max >> (256 - rows.bits))) << (rows.bits - 1);
        for (uint256 word = 0; word < rows.words; ++word) {
            uint256 at = rows.at + (row * rows.words + word) * 32;
            uint256 sorted;
            assembly ("memory-safe") {
                sorted := mload(at)
            }
            require(sorted ^ signs == middles[word], "counting and sorting differ");
        }
    }

    /// Counting gives the lower of two middle values alone; sorting gives every rank that a rule asks for.
    function test_sorting_is_cheaper_but_for_the_widest_fan_in_of_narrow_values() public {
        for (uint256 bits = 8; bits <= 32; bits *= 2) {
            for (uint256 count = 4; count <= 32; count *= 2) {
                (uint256 counting, uint256 sorting) = _measured(bits, count);
                // There, counting for the lower middle value alone ties with sorting for both.
                require(sorting < counting || (bits == 8 && count == 32), "counting is cheaper");
            }
        }
    }
}
