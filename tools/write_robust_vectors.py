"""Writes the vectors of robust rules over trees (F-1, F-8) that Solidity and Python are held to.

Plain integers and fractions, apart from both implementations. `robust_trees.json` holds:

* `shapes` — for a count of updates: the tree's height and how many are below each child;
* `cases` — updates of a few values, and what median or trimmed mean come to over their tree.

With `--check`, changes nothing and exits with 1 if the file is stale.
"""

import random
import sys
from fractions import Fraction
from typing import Any

from vector_files import kept

MEDIAN, TRIMMED_MEAN = 1, 2
COUNTS = (1, 2, 31, 32, 33, 63, 64, 65, 100, 1000, 1024, 1025, 2000, 10_000, 32_768, 32_769)
UNITS = 1 << 16
Column = list[int]
Case = dict[str, Any]


def height_of(count: int) -> int:
    """Returns the least height with 32^height at least `count`."""
    return next(height for height in range(1, 9) if 32**height >= count)


def sizes_of(count: int) -> list[int]:
    """Returns how many updates are below each child: dealt out in turns, one by one."""
    fan = count if count <= 32 else -(-count // 32 ** (height_of(count) - 1))
    sizes = [0] * fan
    for dealt in range(count):
        sizes[dealt % fan] += 1
    return sizes


def away(value: Fraction) -> int:
    """Returns the nearest integer, halves away from zero."""
    lower, rest = divmod(abs(value), 1)
    nearest = int(lower) + (rest >= Fraction(1, 2))
    return nearest if value >= 0 else -nearest


def over(rule: int, trim: int, values: Column) -> tuple[int, int]:
    """Returns what a node's children come to, and how many values are in the sum."""
    ordered, count = sorted(values), len(values)
    if rule == MEDIAN:
        return ordered[(count - 1) // 2] + ordered[count // 2], 2
    kept = ordered[min(trim, (count - 1) // 2) : count - min(trim, (count - 1) // 2)]
    return sum(kept), len(kept)


def whole(rule: int, trim: int, column: Column) -> tuple[int, int]:
    """Returns a coordinate's numerator and denominator over the tree of its updates."""
    if len(column) <= 32:
        return over(rule, trim, column)
    values, denominators, at = [], [], 0
    for size in sizes_of(len(column)):
        numerator, denominator = whole(rule, trim, column[at : at + size])
        in_units = away(Fraction(numerator * UNITS, denominator))
        values.append(numerator if rule == MEDIAN else in_units)
        denominators.append(denominator)
        at += size
    numerator, kept = over(rule, trim, values)
    return numerator, kept * (denominators[0] if rule == MEDIAN else UNITS)


def drawn(draw: random.Random, bits: int, kind: int) -> int:
    """Returns a value: any, an end of the lattice, or one of a few, so that ties are common."""
    most = (1 << (bits - 1)) - 1
    return draw.randint(-most, most) if kind else draw.choice([-most, -1, 0, 1, most])


def case(draw: random.Random, rule: int, bits: int, count: int, trim: int) -> Case:
    """Returns updates with what they come to."""
    length = 3 if count <= 100 else 2
    updates = [[drawn(draw, bits, i) for i in range(length)] for _ in range(count)]
    found = [whole(rule, trim, list(column)) for column in zip(*updates, strict=True)]
    guard = draw.randint(0, min(16, 32 - bits))
    return {
        "rule": rule,
        "trim": trim,
        "bits": bits,
        "count": count,
        "values": length,
        "updates": "0x" + b"".join(packed(row, bits) for row in updates).hex(),
        "numerators": "0x" + packed([numerator for numerator, _ in found], 64).hex(),
        "denominator": found[0][1],
        "guardBits": guard,
        "aggregate": [away(Fraction((1 << guard) * n, d)) for n, d in found],
    }


def packed(values: Column, bits: int) -> bytes:
    """Returns values as big-endian two's complement."""
    return b"".join(value.to_bytes(bits // 8, "big", signed=True) for value in values)


def content() -> dict[str, Any]:
    """Returns what stands in the file."""
    draw, cases = random.Random(47), []  # noqa: S311 - the same draws each time
    for count in (1, 2, 31, 32, 33, 63, 64, 65, 100, 1000, 1024, 1025):
        for bits in (8, 16, 32) if count <= 100 else (draw.choice((8, 16)),):
            cases.append(case(draw, MEDIAN, bits, count, 0))
            # A round that is one group has to hold more than it trims at both ends.
            most = (count - 1) // 2 if count <= 32 else 17
            if most:
                cases.append(case(draw, TRIMMED_MEAN, bits, count, draw.randint(1, most)))
    cases += [case(draw, TRIMMED_MEAN, 32, 65, trim) for trim in (1, 10, 11, 1000)]
    shapes = [{"count": n, "height": height_of(n), "sizes": sizes_of(n)} for n in COUNTS]
    return {"shapes": shapes, "cases": cases}


if __name__ == "__main__":
    sys.exit(kept({"robust_trees": content()}))
