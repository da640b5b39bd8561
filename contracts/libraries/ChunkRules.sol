// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// The same chunk of every input, in memory: row after row, each of `words` words of `bits`-bit values. `size` is a row's in
/// bytes, `signs` a word with every value's top bit set.
struct Rows {
    uint256 at;
    uint256 count;
    uint256 words;
    uint256 size;
    uint256 bits;
    uint256 signs;
}

/// @title The combining rules on one chunk: exact integer numerators (F-1)
/// @dev A word holds several values, and all of them are worked on at once, each in a lane of its own. What a
///      chunk's last word holds beyond the chunk is computed along and never read: lanes don't touch each other.
library ChunkRules {
    /// @return rows room for `count` chunks of `values` values. Their content is undefined until `place`.
    function allocate(uint256 count, uint256 bits, uint256 values) internal pure returns (Rows memory rows) {
        (rows.count, rows.bits) = (count, bits);
        rows.words = (values * bits + 255) / 256;
        rows.size = rows.words * 32;
        rows.signs = _everyLane(bits) << (bits - 1);
        uint256 whole = count * rows.size;
        uint256 at;
        assembly ("memory-safe") {
            // Taken as it is: `place` writes each row before anything reads it, so zeroing would be paid twice.
            at := mload(0x40)
            mstore(0x40, add(at, whole))
        }
        rows.at = at;
    }

    /// Copies a chunk into its row.
    function place(Rows memory rows, uint256 position, bytes calldata chunk) internal pure {
        uint256 size = rows.size;
        uint256 to = rows.at + position * size;
        assembly ("memory-safe") {
            // A whole number of words: what lies behind a short last chunk is copied along, and stays in its own lanes.
            calldatacopy(to, chunk.offset, size)
        }
    }

    /// @return Σ wᵢqᵢ of each value. The weights' sum must stay below 2^(64 − bits); with 64 bits, below 2^64.
    function mean(Rows memory rows, uint256[] memory weights, uint256 values) internal pure returns (int256[] memory) {
        return _sum(rows, weights, 0, values);
    }

    /// Turns the numerators of nodes, 64 bits each, into their values in units of 2^-16, so that they can be compared:
    /// roundHalfAway(2^16 · numerator / denominator). Needs a denominator of 1 to 2^64 − 1 for each row.
    /// @return whether all of them fit 64 bits. Right numerators do.
    function divide(Rows memory rows, uint256[] memory denominators, uint256 values) internal pure returns (bool) {
        uint256 kept = type(uint256).max << (rows.words * 256 - values * rows.bits);
        uint256 seen;
        uint256 p = rows.at;
        for (uint256 i = 0; i < denominators.length; ++i) {
            uint256 end = p + rows.size;
            assembly ("memory-safe") {
                // What stands behind the chunk mustn't count as a value that doesn't fit.
                let last := sub(end, 32)
                mstore(last, and(mload(last), kept))
            }
            seen |= _divideRow(p, end, denominators[i]);
            p = end;
        }
        return seen >> 63 == 0;
    }

    /// @return seen every bit that some value's size has.
    function _divideRow(uint256 p, uint256 end, uint256 denominator) private pure returns (uint256 seen) {
        assembly ("memory-safe") {
            let twice := shl(1, denominator)
            for {} lt(p, end) { p := add(p, 32) } {
                let word := mload(p)
                let divided := 0
                for { let shift := 0 } lt(shift, 256) { shift := add(shift, 64) } {
                    let n := signextend(7, shr(shift, word))
                    let sign := sar(255, n)
                    // ⌊(2 · 2^16 · |n| + d) / 2d⌋, with n's sign.
                    let v := div(add(shl(17, sub(xor(n, sign), sign)), denominator), twice)
                    seen := or(seen, v)
                    divided := or(divided, shl(shift, and(sub(xor(v, sign), sign), 0xffffffffffffffff)))
                }
                mstore(p, divided)
            }
        }
    }

    /// @return the sum of the two middle values of each column; of an odd number, twice the middle one. Sorts the rows.
    function median(Rows memory rows, uint256 values) internal pure returns (int256[] memory) {
        sort(rows);
        uint256 odd = rows.count & 1;
        return _sum(rows, _weights(2 - odd, 1 + odd), (rows.count - 1) / 2, values);
    }

    /// @return the sum of each column without its `trim` smallest and largest values. Sorts the rows; needs
    ///         count > 2 · trim.
    function trimmedMean(Rows memory rows, uint256 trim, uint256 values) internal pure returns (int256[] memory) {
        sort(rows);
        return _sum(rows, _weights(rows.count - 2 * trim, 1), trim, values);
    }

    function _weights(uint256 count, uint256 each) private pure returns (uint256[] memory weights) {
        weights = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            weights[i] = each;
        }
    }

    /// Sorts every column upwards, by Batcher's merge exchange for any number of rows (Knuth 5.2.2, algorithm M).
    /// What is compared with what doesn't depend on the values, so a whole row is treated in one go.
    function sort(Rows memory rows) internal pure {
        uint256 count = rows.count;
        if (count < 2) return;
        uint256 top = 1;
        while (top * 2 < count) top *= 2;
        for (uint256 p = top; p != 0; p /= 2) {
            (uint256 q, uint256 r, uint256 d) = (top, 0, p);
            while (true) {
                for (uint256 i = 0; i + d < count; ++i) {
                    if (i & p == r) _exchange(rows, i, i + d);
                }
                if (q == p) break;
                (d, q, r) = (q - p, q / 2, p);
            }
        }
    }

    /// Puts the smaller value of each column into row `low`, the larger one into row `high`.
    function _exchange(Rows memory rows, uint256 low, uint256 high) private pure {
        (uint256 signs, uint256 size) = (rows.signs, rows.size);
        uint256 full = _low(rows.bits);
        (uint256 p, uint256 q, uint256 toLowest) = (rows.at, rows.at, rows.bits);
        assembly ("memory-safe") {
            p := add(p, mul(low, size))
            q := add(q, mul(high, size))
            toLowest := sub(toLowest, 1)
            let rest := not(signs)
            for { let end := add(p, size) } lt(p, end) {} {
                let a := mload(p)
                let b := mload(q)
                let differ := xor(a, b)
                // Without the signs, no lane borrows from the next: its top bit tells whether a's rest ≥ b's rest.
                let least := sub(or(a, signs), and(b, rest))
                // Where the signs differ, a ≥ b if b is the negative one.
                least := and(xor(least, and(xor(least, b), differ)), signs)
                // A lane's top bit, moved to its lowest and times all ones, is a mask over the lane: swapped or kept whole.
                let swap := and(mul(shr(toLowest, least), full), differ)
                mstore(p, xor(a, swap))
                mstore(q, xor(b, swap))
                p := add(p, 32)
                q := add(q, 32)
            }
        }
    }

    /// @return sums of `weights.length` rows from row `first`, each times its weight.
    /// @dev Values are raised by 2^(bits−1) to be natural numbers, spread over lanes of 64 bits (128 for values
    ///      of 64), and summed there; the bound on the weights keeps a sum in its lane.
    function _sum(Rows memory rows, uint256[] memory weights, uint256 first, uint256 values)
        private
        pure
        returns (int256[] memory sums)
    {
        uint256 raised;
        for (uint256 i = 0; i < weights.length; ++i) {
            raised += weights[i] << (rows.bits - 1);
        }
        sums = new int256[](values);
        uint256 from = rows.at + first * rows.size;
        for (uint256 word = 0; word < rows.words; ++word) {
            _sumWord(rows, weights, sums, from + word * 32, (word + 1) * 256, raised);
        }
    }

    /// Sums one word of every row; the word at `p` of the first one, which ends `end` bits into its chunk.
    function _sumWord(
        Rows memory rows,
        uint256[] memory weights,
        int256[] memory sums,
        uint256 p,
        uint256 end,
        uint256 raised
    ) private pure {
        uint256 bits = rows.bits;
        uint256 lane = bits == 64 ? 128 : 64;
        for (uint256 shift = 0; shift < lane; shift += bits) {
            // The lowest lane holds the last of the word's values that this shift picks.
            _spread(sums, _lanes(rows, weights, p, shift), lane, raised, (end - shift) / bits, lane / bits);
        }
    }

    /// @return lanes the weighted sums of every lane's lowest value, once the words are shifted down.
    function _lanes(Rows memory rows, uint256[] memory weights, uint256 p, uint256 shift)
        private
        pure
        returns (uint256 lanes)
    {
        (uint256 bits, uint256 size, uint256 signs) = (rows.bits, rows.size, rows.signs);
        uint256 lowest = _everyLane(bits == 64 ? 128 : 64) * _low(bits);
        assembly ("memory-safe") {
            let w := add(weights, 32)
            for { let end := add(w, mul(mload(weights), 32)) } lt(w, end) {} {
                // xor with the signs raises a value by 2^(bits-1): never negative, so no lane borrows from the next.
                lanes := add(lanes, mul(and(shr(shift, xor(mload(p), signs)), lowest), mload(w)))
                p := add(p, size)
                w := add(w, 32)
            }
        }
    }

    /// Writes lanes to the places they stand for, from the lowest lane, whose place ends at `next`, upwards.
    function _spread(int256[] memory sums, uint256 lanes, uint256 lane, uint256 raised, uint256 next, uint256 step)
        private
        pure
    {
        assembly ("memory-safe") {
            let values := mload(sums)
            let one := sub(shl(lane, 1), 1)
            for { let left := div(256, lane) } left { left := sub(left, 1) } {
                let nth := sub(next, 1)
                // Lanes behind the chunk's last value were computed along; what they hold is nobody's.
                if lt(nth, values) { mstore(add(add(sums, 32), mul(nth, 32)), sub(and(lanes, one), raised)) }
                lanes := shr(lane, lanes)
                next := sub(next, step)
            }
        }
    }

    /// @return a word with the lowest bit of every lane set.
    function _everyLane(uint256 lane) private pure returns (uint256) {
        return type(uint256).max / _low(lane);
    }

    /// @return a word with its lowest `bits` bits set.
    function _low(uint256 bits) private pure returns (uint256) {
        return type(uint256).max >> (256 - bits);
    }
}
