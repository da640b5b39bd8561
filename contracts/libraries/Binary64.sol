// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title Products and sums of binary64 in integers, as IEEE 754 rounds them: to the nearest, half to even
/// @dev A finite number is ±size · 2^exponent with a size below 2^53. Where an operand isn't finite, or a result is too
///      large to be, there is `NONE`: nothing that would follow from it is a weight (A-3).
library Binary64 {
    /// A NaN: no number.
    uint256 internal constant NONE = 0x7ff8 << 48;
    /// The same in binary32.
    uint256 internal constant NONE_32 = 0x7fc00000;

    uint256 private constant INFINITY = 0x7ff << 52;
    uint256 private constant SIGN = 1 << 63;
    /// The exponent of the least unit.
    int256 private constant LEAST = -1074;
    /// So far apart, the smaller of two numbers only says on which side of the larger one the sum is.
    uint256 private constant FAR = 128;

    /// @return bits of a · b.
    function product(uint256 a, uint256 b) internal pure returns (uint256 bits) {
        if (a & INFINITY == INFINITY || b & INFINITY == INFINITY) return NONE;
        (uint256 size, int256 exponent) = _parts(a);
        (uint256 other, int256 more) = _parts(b);
        unchecked {
            bits = _rounded(size * other, exponent + more, 53, LEAST);
        }
        return bits < INFINITY ? bits | ((a ^ b) & SIGN) : NONE;
    }

    /// @return bits of a + b.
    function sum(uint256 a, uint256 b) internal pure returns (uint256 bits) {
        if (a & INFINITY == INFINITY || b & INFINITY == INFINITY) return NONE;
        // The one of the larger exponent first. It is no subnormal, unless both are.
        if (a & INFINITY < b & INFINITY) (a, b) = (b, a);
        (uint256 size, int256 exponent) = _parts(a);
        (uint256 other, int256 unit) = _parts(b);
        unchecked {
            uint256 apart = uint256(exponent - unit);
            // The far one can't reach the last digit, but it decides ties: one unit keeps it from being forgotten.
            if (apart > FAR) {
                (apart, unit) = (FAR, exponent - int256(FAR));
                if (other != 0) other = 1;
            }
            size <<= apart;
            uint256 sign = a & SIGN;
            if ((a ^ b) & SIGN == 0) {
                size += other;
            } else if (size > other) {
                size -= other;
            } else {
                // What is left of two that cancel out is +0.
                sign = size == other ? 0 : b & SIGN;
                size = other - size;
            }
            bits = _rounded(size, unit, 53, LEAST);
            return bits < INFINITY ? bits | sign : NONE;
        }
    }

    /// @return bits of steps · 2^exponent; exact for less than 2^53 steps and an exponent from −1074 to 900.
    function scaled(int256 steps, int256 exponent) internal pure returns (uint256 bits) {
        unchecked {
            bits = _rounded(uint256(steps < 0 ? -steps : steps), exponent, 53, LEAST);
        }
        return steps < 0 ? bits | SIGN : bits;
    }

    /// @return bits of a binary32 as binary64, which is exact.
    function widened(uint256 single) internal pure returns (uint256 bits) {
        uint256 raised = single >> 23 & 0xff;
        if (raised == 0xff) return NONE;
        uint256 size = single & 0x7fffff;
        unchecked {
            if (raised != 0) (size, raised) = (size | 1 << 23, raised - 1);
            bits = _rounded(size, int256(raised) - 149, 53, LEAST);
        }
        return bits | (single >> 31 << 63);
    }

    /// @return single the bits of the nearest binary32, or `NONE_32`.
    function narrowed(uint256 bits) internal pure returns (uint256 single) {
        if (bits & INFINITY == INFINITY) return NONE_32;
        (uint256 size, int256 exponent) = _parts(bits);
        single = _rounded(size, exponent, 24, -149);
        return single < 0x7f800000 ? single | (bits >> 63 << 31) : NONE_32;
    }

    /// @return size of a finite number in units of 2^exponent.
    function _parts(uint256 bits) private pure returns (uint256 size, int256 exponent) {
        assembly ("memory-safe") {
            let raised := and(shr(52, bits), 0x7ff)
            // Subnormals have no leading one, and the exponent of the least normals.
            let normal := iszero(iszero(raised))
            size := or(and(bits, 0xfffffffffffff), shl(52, normal))
            exponent := sub(sub(raised, normal), 1074)
        }
    }

    /// @param size below 2^182, times 2^exponent.
    /// @param least the exponent of the least unit.
    /// @return bits of the nearest number of so many binary digits, without a sign; at or beyond the bits of infinity
    ///         if it is too large.
    function _rounded(uint256 size, int256 exponent, uint256 digits, int256 least) private pure returns (uint256 bits) {
        assembly ("memory-safe") {
            if size {
                // The place of the leading one.
                let top := shl(7, gt(size, 0xffffffffffffffffffffffffffffffff))
                top := or(top, shl(6, gt(shr(top, size), 0xffffffffffffffff)))
                top := or(top, shl(5, gt(shr(top, size), 0xffffffff)))
                top := or(top, shl(4, gt(shr(top, size), 0xffff)))
                top := or(top, shl(3, gt(shr(top, size), 0xff)))
                top := or(top, shl(2, gt(shr(top, size), 0xf)))
                top := or(top, shl(1, gt(shr(top, size), 3)))
                top := or(top, gt(shr(top, size), 1))
                let unit := sub(add(add(exponent, top), 1), digits)
                // Below the least normal number digits are lost, and the unit stays.
                if slt(unit, least) { unit := least }
                let by := sub(unit, exponent)
                switch sgt(by, 0)
                case 1 {
                    // Further than the leading one, all is less than half of a unit.
                    switch gt(by, 200)
                    case 1 { size := 0 }
                    default {
                        // Half a unit less one, and one more if the last kept bit is odd: a tie goes to the even one.
                        size := shr(by, add(size, add(sub(shl(sub(by, 1), 1), 1), and(shr(by, size), 1))))
                    }
                }
                default { size := shl(sub(0, by), size) }
                // The leading one counts as one in the exponent.
                bits := add(shl(sub(digits, 1), sub(unit, least)), size)
            }
        }
    }
}
