"""New weights on one chunk, in exact integers: what the contract of F-14 computes (A-1, A-3).

The trainer moves whole tensors by floats (`trainer.vectors.layout`); here a base's value and its
step are integers, and their sum is rounded as binary64, binary32 and bfloat16 round: each in turn,
half to even. Tests hold the two to the same bits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from registry.errors import AggregationError
from trainer.types import Lattice
from trainer.vectors.float_formats import BFLOAT16, BINARY32, BINARY64, Format, Number, total

__all__ = ["added", "aggregated", "chunk_of", "format_of", "moved", "next_chunk"]


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
    kind = format_of(precision)
    weights = np.frombuffer(base, f">u{precision // 8}").tolist()
    steps = aggregated(numerators, lattice.guard_bits, denominator)
    if len(weights) != len(steps):
        raise AggregationError(f"expected {len(weights)} numerators, got {len(steps)}")
    unit = lattice.aggregate_exponent
    found = [moved(bits, step, unit, kind) for bits, step in zip(weights, steps, strict=True)]
    return chunk_of(found, precision)


def format_of(precision: int) -> Format:
    """Returns the format of weights of so many bits.

    Raises:
        AggregationError: other than 32 or 16.
    """
    if precision not in (32, 16):
        raise AggregationError(f"expected weights of 32 or 16 bits, got {precision}")
    return BINARY32 if precision == 32 else BFLOAT16


def aggregated(numerators: bytes, guard_bits: int, denominator: int) -> list[int]:
    """Returns `roundHalfAway(2^g · N / D)` of a chunk's numerators, 64 bits each (A-1).

    Raises:
        AggregationError: a denominator that isn't from 1 to 2^128 - 1, or an aggregate beyond
            ±(2^31 - 1).
    """
    if not 1 <= denominator < 1 << 128:
        raise AggregationError(f"expected a denominator of 1 to 2^128 - 1, got {denominator}")
    found = []
    for place, numerator in enumerate(np.frombuffer(numerators, ">i8").tolist()):
        size = ((abs(numerator) << guard_bits + 1) + denominator) // (2 * denominator)
        if size >> 31:
            raise AggregationError(
                f"expected an aggregate of 32 bits, got one of {size.bit_length() + 1} from "
                f"numerator {place} of the chunk: the numerators are wrong"
            )
        found.append(-size if numerator < 0 else size)
    return found


def moved(base: int, steps: int, exponent: int, kind: Format) -> int:
    """Returns the bits of `base + steps · 2^exponent` (A-3).

    Args:
        base: the bits of a weight.
        steps: an aggregate.
        exponent: of the aggregate's unit.
        kind: the weight's format.
    """
    return added(base, Number(steps < 0, abs(steps), exponent), kind)


def added(base: int, step: Number | None, kind: Format) -> int:
    """Returns the bits of base and step in one, through binary64 and binary32.

    A NaN's stand where base or step isn't finite, or a sum is too large for a format.
    """
    found = BINARY64.nearest(total(kind.number(base), step))
    found = BINARY32.nearest(BINARY64.number(found))
    return found if kind is BINARY32 else kind.nearest(BINARY32.number(found))


def chunk_of(values: Sequence[int], bits: int) -> bytes:
    """Returns values of so many bits, big-endian."""
    return np.array(values, f">u{bits // 8}").tobytes()
