"""Floating-point numbers as integers, and the rounding of IEEE 754: to the nearest, half to even.

A finite number is a sign, a size and an exponent: `±size · 2^exponent`. From these, sums and
products of numbers are exact, and are rounded once, into whichever format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, final

__all__ = ["BFLOAT16", "BINARY32", "BINARY64", "Format", "Number", "product", "total"]


class Number(NamedTuple):
    """A finite number, zeros with their sign."""

    negative: bool
    size: int
    exponent: int


@final
@dataclass(frozen=True)
class Format:
    """A binary format of IEEE 754's kind.

    Args:
        bits: of a number.
        digits: the binary digits that a number may have, its leading one included.
        least: the exponent of the least unit, which subnormals count in.
    """

    bits: int
    digits: int
    least: int

    @property
    def infinity(self) -> int:
        """The bits of infinity; no finite number's are as large without the sign."""
        return (1 << self.bits - 1) - (1 << self.digits - 1)

    @property
    def not_a_number(self) -> int:
        """The bits that stand for no number: a quiet NaN."""
        return self.infinity | 1 << self.digits - 2

    def number(self, bits: int) -> Number | None:
        """Returns the number of some bits; None if it isn't finite."""
        size = bits & (1 << self.bits - 1) - 1
        if size >= self.infinity:
            return None
        raised, fraction = size >> self.digits - 1, size & (1 << self.digits - 1) - 1
        negative = bits >> self.bits - 1 == 1
        if raised == 0:
            return Number(negative, fraction, self.least)
        # Subnormals have the least normals' exponent, without the leading one.
        return Number(negative, fraction | 1 << self.digits - 1, self.least + raised - 1)

    def nearest(self, number: Number | None) -> int:
        """Returns the bits of the nearest number; a NaN's beyond the largest, and for None."""
        if number is None:
            return self.not_a_number
        negative, size, exponent = number
        unit = max(exponent + size.bit_length() - self.digits, self.least)
        if (by := unit - exponent) > 0:
            # Half less one, and one more where the last kept digit is odd: half to even, by the
            # carry.
            size = size + (1 << by - 1) - 1 + (size >> by & 1) >> by
        else:
            size <<= -by
        # The leading one counts as one in the exponent, and so does a size that was rounded up.
        found = (unit - self.least << self.digits - 1) + size if size else 0
        return found | negative << self.bits - 1 if found < self.infinity else self.not_a_number


BINARY64: Final = Format(64, 53, -1074)
BINARY32: Final = Format(32, 24, -149)
BFLOAT16: Final = Format(16, 8, -133)


def product(one: int, other: int) -> int:
    """Returns the bits of the product of two binary64 numbers; a NaN's if it isn't finite."""
    a, b = BINARY64.number(one), BINARY64.number(other)
    if a is None or b is None:
        return BINARY64.not_a_number
    negative = a.negative != b.negative
    return BINARY64.nearest(Number(negative, a.size * b.size, a.exponent + b.exponent))


def total(one: Number | None, other: Number | None) -> Number | None:
    """Returns the exact sum of two numbers; of two that cancel out it is +0, and None of None."""
    if one is None or other is None:
        return None
    unit = min(one.exponent, other.exponent)
    # Some 2,100 bits at most: integers have them.
    sizes = [number.size << number.exponent - unit for number in (one, other)]
    first, second = (
        -size if n.negative else size for n, size in zip((one, other), sizes, strict=True)
    )
    both = one.negative and other.negative
    return Number(first + second < 0 or (both and first == second == 0), abs(first + second), unit)
