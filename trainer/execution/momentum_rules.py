"""A server's momentum on one chunk, in exact integers: the rule of F-15 (A-3, A-7).

The trainer computes FedAvgM's and DiLoCo's step in floats over whole vectors
(`trainer.strategies`). Here each product and each sum is one of integers, rounded once to
binary64. Tests hold the two to the same bits.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import final

import numpy as np

from registry.errors import AggregationError
from trainer.execution.weight_rules import added, aggregated, chunk_of, format_of
from trainer.types import Lattice
from trainer.vectors.float_formats import BINARY64, Number, product, total

__all__ = ["Momentum", "next_chunks"]


@final
@dataclass(frozen=True)
class Momentum:
    """What a strategy makes of its memory.

    Args:
        factor: β or μ.
        rate: η.
        nesterov: DiLoCo's step, by Nesterov; without, it is FedAvgM's.
    """

    factor: float
    rate: float
    nesterov: bool = False

    def moved(self, momentum: int, delta: int) -> tuple[int, int]:
        """Returns the new momentum and the step; binary64's bits all of them.

        Args:
            momentum: what was remembered.
            delta: the aggregate in real numbers.
        """
        factor = _bits(self.factor)
        kept = _sum(product(factor, momentum), delta)
        step = _sum(product(factor, kept), delta) if self.nesterov else kept
        return kept, product(_bits(self.rate), step)


def next_chunks(
    base: bytes,
    momenta: bytes,
    numerators: bytes,
    precision: int,
    lattice: Lattice,
    denominator: int,
    rule: Momentum,
) -> tuple[bytes, bytes]:
    """Returns the bits of a chunk's new weights, and of its new momenta; big-endian.

    Args:
        base: the base's chunk.
        momenta: as many, 64 bits each: what was remembered at the base.
        numerators: as many, 64 bits each.
        precision: 32 for binary32, 16 for bfloat16.
        lattice: its step exponent and guard bits count.
        denominator: what numerators are divided by, 1 to 2^128 - 1.
        rule: the strategy's.

    Raises:
        AggregationError: as `trainer.execution.weight_rules.next_chunk`.
    """
    kind = format_of(precision)
    weights = np.frombuffer(base, f">u{precision // 8}").tolist()
    load_state = np.frombuffer(momenta, ">u8").tolist()
    steps = aggregated(numerators, lattice.guard_bits, denominator)
    if not len(weights) == len(load_state) == len(steps):
        raise AggregationError(
            f"expected {len(weights)} momenta and numerators, "
            f"got {len(load_state)} and {len(steps)}"
        )
    moved, kept = [], []
    for weight, momentum, step in zip(weights, load_state, steps, strict=True):
        delta = Number(step < 0, abs(step), lattice.aggregate_exponent)
        after, move = rule.moved(momentum, BINARY64.nearest(delta))
        moved.append(added(weight, BINARY64.number(move), kind))
        kept.append(after)
    return chunk_of(moved, precision), chunk_of(kept, 64)


def _sum(one: int, other: int) -> int:
    return BINARY64.nearest(total(BINARY64.number(one), BINARY64.number(other)))


def _bits(number: float) -> int:
    return int.from_bytes(struct.pack(">d", number), "big")
