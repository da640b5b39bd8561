// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// The same chunk of many packed vectors, in memory: `count` rows of `size` bytes, with `values` values of `width` bits each.
/// The `added` ones stand from the first row on, the `subtracted` ones from the last row back.
struct PackedRows {
    uint256 at;
    uint256 size;
    uint256 count;
    uint256 width;
    uint256 values;
    uint256 added;
    uint256 subtracted;
}

/// @title Sums of packed values modulo 2^width
/// @dev Several values are worked on at once. Eight of up to 32 bits take `width` bytes, four of more bits, whose number
///      is even, take width / 2: so every eighth, or every fourth, begins a byte, and one load gets all of them. Those
///      at odd places, and those at even places, are summed in lanes of two widths each, and a lane has room for 2^width
///      summands. What is computed of bits behind a chunk's last value stays in its own lanes, and is never read.
library PackedSums {
    /// @return rows room for chunks of that many values. The number of rows has to be below 2^width, and a width above 32
    ///         even.
    function allocate(uint256 width, uint256 values, uint256 count) internal pure returns (PackedRows memory rows) {
        (rows.width, rows.values, rows.count) = (width, values, count);
        // Whole keystream blocks.
        rows.size = (values * width + 255) / 256 * 32;
        uint256 whole = count * rows.size;
        uint256 at;
        assembly ("memory-safe") {
            // Taken as it is: each row is written before anything reads it, so zeroing would be paid twice.
            at := mload(0x40)
            mstore(0x40, add(at, whole))
        }
        rows.at = at;
    }

    /// Takes the next row of those that count for the sum.
    /// @return where in memory it begins; it is to be written before `sums`.
    function nextAdded(PackedRows memory rows) internal pure returns (uint256) {
        return rows.at + rows.added++ * rows.size;
    }

    /// Takes the next row of those that count against the sum.
    /// @return where in memory it begins; it is to be written before `sums`.
    function nextSubtracted(PackedRows memory rows) internal pure returns (uint256) {
        return rows.at + (rows.count - ++rows.subtracted) * rows.size;
    }

    /// Copies a packed chunk into a row.
    function copy(PackedRows memory rows, uint256 to, bytes calldata chunk) internal pure {
        uint256 size = rows.size;
        assembly ("memory-safe") {
            // A whole row: what lies behind a short last chunk is copied along, and stays in its own lanes.
            calldatacopy(to, chunk.offset, size)
        }
    }

    /// @return found the sum of every value modulo 2^width, as a signed number of that width.
    function sums(PackedRows memory rows) internal pure returns (int256[] memory found) {
        uint256 width = rows.width;
        uint256 perWord = width > 32 ? 4 : 8;
        uint256 step = perWord * width / 8;
        uint256 lowest = _lowestOfLanes(width, perWord / 2);
        // Two words are summed at a time, so the last ones may hold more values than there are.
        found = new int256[](rows.values + 2 * perWord);
        uint256 p = rows.at;
        for (uint256 first = 0; first < rows.values; first += 2 * perWord) {
            (uint256 even, uint256 odd, uint256 evenNext, uint256 oddNext) = _sumLanes(rows, lowest, p, step);
            _spread(found, first, width, perWord, even);
            _spread(found, first + 1, width, perWord, odd);
            _spread(found, first + perWord, width, perWord, evenNext);
            _spread(found, first + perWord + 1, width, perWord, oddNext);
            p += 2 * step;
        }
        uint256 values = rows.values;
        assembly ("memory-safe") {
            mstore(found, values)
        }
    }

    /// @return position of the first sum that isn't the 64-bit number in its place; how many there are if all of them are.
    /// @return actual that number.
    function firstOther(int256[] memory found, bytes calldata numbers)
        internal
        pure
        returns (uint256 position, int256 actual)
    {
        assembly ("memory-safe") {
            let count := mload(found)
            for {} lt(position, count) { position := add(position, 1) } {
                actual := sar(192, calldataload(add(numbers.offset, shl(3, position))))
                if sub(actual, mload(add(add(found, 32), shl(5, position)))) { break }
            }
        }
    }

    /// Sums a word of every row, at `p` in the first one, and the next word, `step` bytes on.
    /// @return even lanes of the first word's values at even places.
    /// @return odd lanes of its values at odd places.
    /// @return evenNext lanes of the next word's values at even places.
    /// @return oddNext lanes of its values at odd places.
    function _sumLanes(PackedRows memory rows, uint256 lowest, uint256 p, uint256 step)
        private
        pure
        returns (uint256 even, uint256 odd, uint256 evenNext, uint256 oddNext)
    {
        uint256 width = rows.width;
        // Each lane begins with 2^width for every row that is taken off, so that none borrows from the next.
        even = lowest * (rows.subtracted << width);
        (odd, evenNext, oddNext) = (even, even, even);
        uint256 size = rows.size;
        uint256 mask = lowest * ((1 << width) - 1);
        uint256 middle = p + rows.added * size;
        uint256 end = p + rows.count * size;
        assembly ("memory-safe") {
            for {} lt(p, middle) { p := add(p, size) } {
                let word := mload(p)
                even := add(even, and(shr(width, word), mask))
                odd := add(odd, and(word, mask))
                word := mload(add(p, step))
                evenNext := add(evenNext, and(shr(width, word), mask))
                oddNext := add(oddNext, and(word, mask))
            }
            for {} lt(p, end) { p := add(p, size) } {
                let word := mload(p)
                even := sub(even, and(shr(width, word), mask))
                odd := sub(odd, and(word, mask))
                word := mload(add(p, step))
                evenNext := sub(evenNext, and(shr(width, word), mask))
                oddNext := sub(oddNext, and(word, mask))
            }
        }
    }

    /// Writes a word's lanes to every second place from `first` on, each as the signed number that its lowest bits are.
    function _spread(int256[] memory found, uint256 first, uint256 width, uint256 perWord, uint256 lanes) private pure {
        assembly ("memory-safe") {
            let to := add(add(found, 32), shl(5, first))
            let above := sub(256, width)
            // Above the first lane's value lies the room of its summands.
            lanes := shl(width, lanes)
            for { let end := add(to, shl(5, perWord)) } lt(to, end) { to := add(to, 64) } {
                mstore(to, sar(above, lanes))
                lanes := shl(shl(1, width), lanes)
            }
        }
    }

    /// @return lowest a word with the lowest bit of every lane set: the values at odd places, of a word that was loaded.
    function _lowestOfLanes(uint256 width, uint256 count) private pure returns (uint256 lowest) {
        for (uint256 lane = 1; lane <= count; ++lane) {
            lowest |= 1 << (256 - 2 * width * lane);
        }
    }
}
