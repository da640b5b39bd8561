// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// How numerators become steps, and steps weights. Weights have `bits` bits: 32 for binary32, 16 for bfloat16. A
/// step's unit is 2^(place − 149), with place = 149 + e − g from 73 to 169; `denominator` is what numerators are
/// divided by: at least 1, below 2^128.
struct Scale {
    uint256 bits;
    uint256 place;
    uint256 guardBits;
    uint256 denominator;
}

/// @title The new version's weights on one chunk: their bits from the base's and the numerators (A-1, A-3, F-13)
/// @dev Floats are never computed with: a base's value and its step are exact integers in one unit, at least 2^-149
///      and fine enough for both, and below 2^205 there. Their sum is rounded to 53 bits, then to 24, then to 8 if
///      the weights are bfloat16: binary64, binary32 and the type itself, each half to even. A unit of 2^-149 leaves
///      nothing to round of what is subnormal in binary32, and no step, being below 2^51, carries a finite base as far
///      as infinity: next to the largest values, half of a unit in the last place is 2^103.
library WeightRules {
    /// What stands where no value is right because the base isn't finite: a NaN, so no number is it.
    uint256 internal constant NONE = 0x7fc00000;
    /// The same in bfloat16.
    uint256 internal constant NONE_16 = NONE >> 16;

    /// @param base the base's chunk: `values` weights of `scale.bits`.
    /// @param numerators theirs, 64 bits each.
    /// @return expected the bits of each weight, `NONE` or `NONE_16` where there is none.
    /// @return seen every bit that some aggregate's size has. Right numerators stay in 31.
    function weights(Scale memory scale, bytes calldata base, bytes calldata numerators, uint256 values)
        internal
        pure
        returns (uint256[] memory expected, uint256 seen)
    {
        expected = new uint256[](values);
        for (uint256 i = 0; i < values; ++i) {
            (int256 steps, uint256 size) = aggregate(scale, numerators, i);
            seen |= size;
            uint256 weight = moved(_weightAt(base, scale.bits, i), steps, scale.place);
            expected[i] = scale.bits == 16 ? narrowed(weight) : weight;
        }
    }

    /// @return steps the aggregate of the numerator at `i`: roundHalfAway(2^g · numerator / denominator).
    /// @return size its absolute value.
    function aggregate(Scale memory scale, bytes calldata numerators, uint256 i)
        internal
        pure
        returns (int256 steps, uint256 size)
    {
        (uint256 guardBits, uint256 denominator) = (scale.guardBits, scale.denominator);
        assembly ("memory-safe") {
            // Eight bytes at the top of a word, moved down with their sign.
            let n := sar(192, calldataload(add(numerators.offset, shl(3, i))))
            let sign := sar(255, n)
            // ⌊(2 · 2^g · |n| + d) / 2d⌋, with n's sign.
            size := div(add(shl(add(guardBits, 1), sub(xor(n, sign), sign)), denominator), shl(1, denominator))
            steps := sub(xor(size, sign), sign)
        }
    }

    /// @return weight as binary32: a bfloat16 is the upper half of one.
    function _weightAt(bytes calldata base, uint256 bits, uint256 i) private pure returns (uint256 weight) {
        assembly ("memory-safe") {
            weight := shr(sub(256, bits), calldataload(add(base.offset, shr(3, mul(i, bits)))))
            weight := shl(sub(32, bits), weight)
        }
    }

    /// @param base a binary32's bits.
    /// @param steps how far it moves: less than 2^80 of them, either way.
    /// @param place the steps' unit is 2^(place − 149).
    /// @return bits of binary32(binary64(base + steps · unit)); `NONE` if the base isn't finite.
    function moved(uint256 base, int256 steps, uint256 place) internal pure returns (uint256 bits) {
        assembly ("memory-safe") {
            /// v / 2^by to the nearest integer, half to even; by ≥ 1.
            function nearest(v, by) -> n {
                n := shr(by, add(v, add(sub(shl(sub(by, 1), 1), 1), and(shr(by, v), 1))))
            }

            let at := and(shr(23, base), 0xff)
            bits := NONE
            if lt(at, 0xff) {
                // The base is sum · 2^(at − 149). Subnormals have no leading one, and the least normals' exponent.
                let normal := iszero(iszero(at))
                let sum := or(and(base, 0x7fffff), shl(23, normal))
                at := sub(at, normal)
                if shr(31, base) { sum := sub(0, sum) }
                // Both in the finer of their units.
                switch gt(at, place)
                case 1 {
                    sum := add(shl(sub(at, place), sum), steps)
                    at := place
                }
                default { sum := add(sum, shl(sub(place, at), steps)) }
                let sign := sar(255, sum)
                sum := sub(xor(sum, sign), sign)
                // The place of the leading one.
                let top := shl(7, gt(sum, 0xffffffffffffffffffffffffffffffff))
                top := or(top, shl(6, gt(shr(top, sum), 0xffffffffffffffff)))
                top := or(top, shl(5, gt(shr(top, sum), 0xffffffff)))
                top := or(top, shl(4, gt(shr(top, sum), 0xffff)))
                top := or(top, shl(3, gt(shr(top, sum), 0xff)))
                top := or(top, shl(2, gt(shr(top, sum), 0xf)))
                top := or(top, shl(1, gt(shr(top, sum), 3)))
                top := or(top, gt(shr(top, sum), 1))
                // Twice rounded, as the trainer does it: to binary64 first, whose result isn't always that of one rounding.
                if gt(top, 52) {
                    sum := nearest(sum, sub(top, 52))
                    at := add(at, sub(top, 52))
                    top := 52
                }
                switch gt(top, 23)
                case 1 {
                    sum := nearest(sum, sub(top, 23))
                    at := add(at, sub(top, 23))
                }
                default {
                    // Up to 24 bits, as far as the least unit allows.
                    let lift := sub(23, top)
                    if gt(lift, at) { lift := at }
                    sum := shl(lift, sum)
                    at := sub(at, lift)
                }
                // The leading one counts as one in the exponent, and so does a sum that was rounded up to 2^24. A sum of
                // zero is +0, in whichever unit.
                bits := or(mul(add(shl(23, at), sum), iszero(iszero(sum))), shl(31, and(sign, 1)))
            }
        }
    }

    /// @param bits a finite binary32's, or `NONE`, which gives `NONE_16`.
    /// @return the bits of the nearest bfloat16, half to even. The sign isn't in the way of rounding the rest.
    function narrowed(uint256 bits) internal pure returns (uint256) {
        return (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
    }
}
