"""Writes the vectors of new weights (A-1, A-3, F-14) that Solidity and Python are both held to.

Fractions and their rounding, apart from both implementations. `weight_rules.json` holds `cases`:
a base's chunk, numerators with what they are divided by, and the bits of the new weights.

With `--check`, changes nothing and exits with 1 if the file is stale.
"""

import random
import sys
from fractions import Fraction
from typing import Any

from vector_files import kept

BINARY64, BINARY32, BFLOAT16 = (53, -1074), (24, -149), (8, -133)
# Sums of weights, and what medians and trimmed means divide by over updates and over nodes.
DENOMINATORS = (1, 2, 3, 4, 7, 8, 22, 1000, 65_536 * 22, 65_536, (1 << 31) - 1, 10**14 + 7)
Case = dict[str, Any]
Value = tuple[int, int]
"""A base's bits and a numerator."""


def nearest(value: Fraction, digits: int, least: int) -> Fraction:
    """Returns the nearest multiple of a unit that leaves so many binary digits, half to even."""
    if value == 0:
        return value
    unit = Fraction(2) ** least
    while abs(value) >= unit * 2**digits:
        unit *= 2
    # Python rounds a fraction's half to even.
    return round(value / unit) * unit


def value_of(bits: int) -> Fraction:
    """Returns the number that a binary32's bits stand for."""
    exponent, rest = bits >> 23 & 0xFF, bits & 0x7FFFFF
    size = rest if exponent == 0 else rest + (1 << 23)
    return (-1) ** (bits >> 31) * size * Fraction(2) ** (max(exponent, 1) - 150)


def bits_of(value: Fraction) -> int:
    """Returns the binary32's bits of a number that is one."""
    exponent = 1
    while abs(value) >= Fraction(2) ** (exponent - 126):
        exponent += 1
    size = abs(value) / Fraction(2) ** (exponent - 150)
    if size.denominator != 1:
        raise ValueError(f"{value} is no binary32")
    whole = int(size) if size < 1 << 23 else (exponent << 23) + int(size) - (1 << 23)
    return whole | (1 << 31 if value < 0 else 0)


def away(value: Fraction) -> int:
    """Returns the nearest integer, halves away from zero."""
    lower, rest = divmod(abs(value), 1)
    size = int(lower) + (rest >= Fraction(1, 2))
    return size if value >= 0 else -size


def moved(precision: int, base: int, aggregate: int, exponent: int) -> int:
    """Returns the bits of one new weight; a NaN if the base isn't finite."""
    wide = base << (32 - precision)
    if wide >> 23 & 0xFF == 0xFF:
        return 0x7FC00000 >> (32 - precision)
    found = nearest(value_of(wide) + aggregate * Fraction(2) ** exponent, *BINARY64)
    found = nearest(found, *BINARY32)
    return bits_of(found) if precision == 32 else bits_of(nearest(found, *BFLOAT16)) >> 16


def case(
    what: str, precision: int, step: int, guard: int, denominator: int, values: list[Value]
) -> Case:
    """Returns a chunk with its new weights."""
    found = [
        moved(precision, base, away(Fraction(n << guard, denominator)), step - guard)
        for base, n in values
    ]
    return {
        "what": what,
        "precision": precision,
        "stepExponent": step,
        "guardBits": guard,
        # Text: it goes beyond 2^53.
        "denominator": str(denominator),
        "base": packed([base for base, _ in values], precision),
        "numerators": packed([n % (1 << 64) for _, n in values], 64),
        "weights": packed(found, precision),
    }


def packed(values: list[int], bits: int) -> str:
    """Returns values of so many bits, big-endian, as hex."""
    return "0x" + b"".join(value.to_bytes(bits // 8, "big") for value in values).hex()


def single(value: Fraction | float) -> int:
    """Returns a binary32's bits."""
    return bits_of(Fraction(value))


def told() -> list[Case]:
    """Returns cases that each show one thing; numerators are aggregates, divided by 1."""
    one, third = single(1), single(Fraction(11184811, 1 << 25))
    # Just beside a tie of binary32: binary64 makes it the tie, and the tie goes to the even one.
    twice = [(one, (1 << 30) + 1), (one + 1, (1 << 30) - 1), (single(-1), -(1 << 30) - 1)]
    edges = [0, 1, 0x007FFFFF, 0x00800000, 0x7F7FFFFF]
    signs = [0, 1 << 31]
    most = (1 << 31) - 1
    brains = [0x3F80, 0x3F81, 0xBF80, 0x0001, 0x8000, 0x7F7F, 0x0080, 0x4000]
    return [
        case("binary64 rounds first", 32, -54, 0, 1, twice),
        case("ties of binary32", 32, -24, 0, 1, [(one + i, n) for i in (0, 1) for n in (1, -1, 3)]),
        case("sums of more than 53 bits", 32, -60, 16, 1, [(single(2**30), n) for n in (1, -1)]),
        case("zeros", 32, 0, 0, 1, [(s, n) for s in (0, 1 << 31) for n in (0, 1, -1)]),
        case("cancellation", 32, -25, 0, 1, [(third | s, -11184811) for s in signs]),
        case("what is left", 32, -46, 0, 1, [(third, -most), (third | 1 << 31, most)]),
        case("subnormals stay", 32, -60, 16, 1, [(e | s, 0) for e in edges for s in signs]),
        case("the least steps", 32, -60, 16, 1, [(e | s, 1) for e in edges for s in signs]),
        case("the largest steps", 32, 20, 0, 1, [(e | s, most) for e in edges for s in signs]),
        case("the largest back", 32, 20, 0, 1, [(e | s, -most) for e in edges for s in signs]),
        case("no number", 32, 0, 0, 1, [(b, 1) for b in (0x7F800000, 0xFF800000, 0x7FC00000)]),
        case("halves away from zero", 32, 0, 0, 2, [(0, n) for n in (1, -1, 3, -3, 0, 5)]),
        case("binary32 rounds first", 16, -25, 0, 1, [(b, (1 << 17) + 1) for b in brains]),
        case("all three round", 16, -34, 0, 1, [(b, (1 << 26) + 1) for b in brains]),
        case("ties of bfloat16", 16, -8, 0, 1, [(b, n) for b in brains for n in (1, -1, 0, 3)]),
        case(
            "subnormal bfloat16", 16, -60, 16, 1, [(b, n) for b in (1, 127, 0x8001) for n in (0, 1)]
        ),
        case("the largest bfloat16", 16, 20, 0, 1, [(b, most) for b in (0x7F7F, 0xFF7F)]),
        case("no bfloat16", 16, 0, 0, 1, [(b, 0) for b in (0x7F80, 0xFF80, 0x7FC0, 0xFFFF)]),
    ]


def drawn(draw: random.Random, precision: int, step: int, guard: int, denominator: int) -> Value:
    """Returns a base near the size of its step, or any finite one; and a numerator."""
    kind = draw.randrange(4)
    aggregate = draw.choice(
        [0, 1, -1, draw.getrandbits(31), -draw.getrandbits(draw.randint(1, 31))]
    )
    near = 127 + step - guard + draw.randint(-26, 54)
    exponent = draw.randrange(255) if kind == 0 else min(max(near, 0), 254)
    rest = draw.choice([0, 1, 0x7FFFFF, 0x400000, draw.getrandbits(23)])
    base = (draw.getrandbits(1) << 31 | exponent << 23 | rest) >> (32 - precision)
    numerator = (aggregate * denominator >> guard) + draw.choice([0, 0, denominator // 2])
    # No aggregate beyond 31 bits.
    most = min(((1 << 31) - 1) * denominator >> guard, (1 << 63) - 1)
    return base, max(-most, min(most, numerator))


def content() -> dict[str, Any]:
    """Returns what stands in the file."""
    draw, cases = random.Random(53), told()  # noqa: S311 - the same draws each time
    for precision in (32, 16):
        for at, denominator in enumerate(DENOMINATORS):
            step, guard = draw.randint(-60, 20), draw.randint(0, 16)
            if at < 4:
                step, guard = (-60, -24, 0, 20)[at], (16, 8, 0, 0)[at]
            count = 256 if at == 5 else draw.randint(1, 40)
            scale = precision, step, guard, denominator
            values = [drawn(draw, *scale) for _ in range(count)]
            cases.append(case("drawn", *scale, values))
    return {"cases": cases}


if __name__ == "__main__":
    sys.exit(kept({"weight_rules": content()}))
