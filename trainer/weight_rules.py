"""New weights on one chunk, in exact integers: what the contract of F-14 computes (A-1, A-3).

The trainer moves whole tensors by floats (`trainer.parameters`); here a base's value and its step
are integers in one unit, fine enough for both, and their sum is rounded as binary64, binary32 and
bfloat16 round: each in turn, half to even. Tests hold the two to the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from registry.errors import AggregationError
from trainer.types import Lattice

__all__ = ["PRECISIONS", "aggregated", "moved", "next_chunk"]

PRECISIONS: Final = (32, 16)
"""The bits of a weight: binary32's and bfloat16's."""
_NOT_A_NUMBER = 0x7FC00000
# A binary32's least unit is 2^-149.
_LEAST = 149


def next_chunk(
    base: bytes, numerators: bytes, precision: int, lattice: Lattice, denominator: int
) -> bytes:
    """Returns the bits of a chunk's new weights, big-endian.

    Args:
        base: the base's chunk, the same way.
        numerators: as many, 64 bits each, big-endian.
        precision: 32 for binary32, 16 for bfloat16.
        lattice: its step exponent and guard bits count.
        denominator: what numerators are divided by, 1 to 2^128 - 1.

    Raises:
        AggregationError: another precision or denominator, chunks of different lengths, or an
            aggregate beyond 32 bits, which right numerators don't give.
    """
    if precision not in PRECISIONS:
        raise AggregationError(f"expected weights of 32 or 16 bits, got {precision}")
    if not 1 <= denominator < 1 << 128:
        raise AggregationError(f"expected a denominator of 1 to 2^128 - 1, got {denominator}")
    weights = np.frombuffer(base, f">u{precision // 8}").tolist()
    values = np.frombuffer(numerators, ">i8").tolist()
    if len(weights) != len(values):
        raise AggregationError(f"expected {len(weights)} numerators, got {len(values)}")
    steps = aggregated(values, lattice.guard_bits, denominator)
    unit = lattice.aggregate_exponent
    found = [moved(bits, step, unit, precision) for bits, step in zip(weights, steps, strict=True)]
    return np.array(found, f">u{precision // 8}").tobytes()


def aggregated(numerators: Sequence[int], guard_bits: int, denominator: int) -> list[int]:
    """Returns `roundHalfAway(2^g · N / D)` of each numerator (A-1).

    Raises:
        AggregationError: one beyond ±(2^31 - 1).
    """
    sizes = [((abs(n) << guard_bits + 1) + denominator) // (2 * denominator) for n in numerators]
    for place, size in enumerate(sizes):
        if size >> 31:
            raise AggregationError(
                f"expected an aggregate of 32 bits, got one of {size.bit_length() + 1} for "
                f"numerator {place} of the chunk: the numerators are wrong"
            )
    return [-size if n < 0 else size for size, n in zip(sizes, numerators, strict=True)]


def moved(base: int, steps: int, exponent: int, precision: int) -> int:
    """Returns the bits of `base + steps · 2^exponent`; a NaN's if the base isn't finite (A-3).

    Args:
        base: the bits of a weight.
        steps: an aggregate.
        exponent: of the aggregate's unit, at least -149.
        precision: the weight's bits.
    """
    wide = base << 32 - precision
    raised, fraction = wide >> 23 & 0xFF, wide & 0x7FFFFF
    if raised == 0xFF:
        return _NOT_A_NUMBER >> 32 - precision
    # Subnormals have the least normals' exponent, without the leading one.
    value, unit = (fraction, 0) if raised == 0 else (fraction | 1 << 23, raised - 1)
    if wide >> 31:
        value = -value
    finest = min(unit, exponent + _LEAST)
    total = (value << unit - finest) + (steps << exponent + _LEAST - finest)
    bits = _single(abs(total), finest) | (1 << 31 if total < 0 else 0)
    return bits if precision == 32 else _halved(bits, 16)


def _single(size: int, unit: int) -> int:
    """Returns the bits of `size · 2^(unit - 149)` through binary64; no step reaches infinity."""
    for digits in (53, 24):
        if (spare := size.bit_length() - digits) > 0:
            size, unit = _halved(size, spare), unit + spare
    # A size that was rounded up to a power of two has one bit more, which carries by itself below.
    lift = min(max(24 - size.bit_length(), 0), unit)
    size, unit = size << lift, unit - lift
    return (unit << 23) + size if size else 0


def _halved(value: int, times: int) -> int:
    """Returns `value / 2^times` as the nearest integer, half to even."""
    return value + (1 << times - 1) - 1 + (value >> times & 1) >> times
