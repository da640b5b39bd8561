"""Distances and multiples from exact inner products, in integers and correctly rounded floats.

No sum of floats depends on an order here: `math.fsum` is exact, and what is squared and subtracted
is subtracted as integers, so nothing cancels.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import copysign, fsum, isqrt

import numpy as np

from registry.errors import AggregationError
from trainer.aggregation.update_matrix import Gram
from trainer.types import IntVector

__all__ = [
    "as_shares",
    "cosine",
    "distances_from",
    "inner",
    "moved",
    "norm",
    "root",
    "squared_distances",
]

_BLOCK = 1 << 14
"""So many products of 32 bits and 16 stay below 2^62 in sum."""


def squared_distances(gram: Gram) -> list[list[int]]:
    """Returns the squared distances of all pairs of rows, exact."""
    size = range(len(gram))
    return [[gram[i][i] + gram[j][j] - 2 * gram[i][j] for j in size] for i in size]


def root(square: Fraction | int) -> float:
    """Returns the square root of an exact number, to the last bit but one, as a float."""
    number = Fraction(square)
    # Scaled up so that the integer root has more bits than a float.
    shift = max(0, 128 - number.numerator.bit_length() + number.denominator.bit_length()) // 2 * 2
    scaled = (number.numerator << shift) // number.denominator
    return float(Fraction(isqrt(scaled), 1 << (shift // 2)))


def norm(gram: Gram, row: int) -> float:
    """Returns a row's length."""
    return root(gram[row][row])


def as_shares(parts: Sequence[float], unit: int) -> list[int]:
    """Returns parts of a whole as integers; their sum is what they have to be divided by.

    Args:
        parts: not negative, one at least above 0.
        unit: what the whole is to come to, about.
    """
    total = fsum(parts)
    return [round(part / total * unit) for part in parts]


def distances_from(gram: Gram, factors: Sequence[int], denominator: int) -> list[float]:
    """Returns each row's distance from the point `Σ factorᵢ · rowᵢ / denominator`."""
    size = range(len(gram))
    along = [sum(factors[j] * gram[i][j] for j in size) for i in size]
    own = sum(factors[i] * along[i] for i in size)
    return [
        root(
            Fraction(own - 2 * denominator * along[i] + denominator**2 * gram[i][i], denominator**2)
        )
        for i in size
    ]


def moved(gram: Gram, before: Sequence[int], after: Sequence[int]) -> float:
    """Returns the distance between two points, each `Σ factorᵢ · rowᵢ / Σ factorᵢ`."""
    first, last = sum(before), sum(after)
    way = [first * new - last * old for old, new in zip(before, after, strict=True)]
    square = sum(
        part * sum(w * g for w, g in zip(way, row, strict=True))
        for part, row in zip(way, gram, strict=True)
    )
    return root(Fraction(square, (first * last) ** 2))


def inner(left: IntVector, right: IntVector) -> int:
    """Returns the exact inner product of two vectors, whose types may differ; block by block.

    Args:
        left: shape (n,), values of 32 bits at most.
        right: the same shape, values of 32 bits at most.

    Raises:
        AggregationError: another shape.
    """
    if left.shape != right.shape:
        raise AggregationError(f"expected vectors of one shape, got {left.shape} and {right.shape}")
    total = 0
    for start in range(0, left.size, _BLOCK):
        one, other = (v[start : start + _BLOCK].astype(np.int64) for v in (left, right))
        total += int(one @ (other & 0xFFFF)) + (int(one @ (other >> 16)) << 16)
    return total


def cosine(dot: int, left: int, right: int) -> float | None:
    """Returns the cosine that an inner product and two squared lengths make; None if one is 0."""
    if not left or not right:
        return None
    return copysign(root(Fraction(dot * dot, left * right)), dot)
