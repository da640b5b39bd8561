"""The weighted mean in exact integer arithmetic (A-1).

Source: McMahan et al., "Communication-Efficient Learning of Deep Networks from Decentralized
Data" (2017), for the weights; the arithmetic is the specification's. Sums of integers don't
depend on their order, so the result is the same bits on every machine (T-35).

The mean has no bound against Byzantine participants (T-31): a single one moves it by up to its
share of the weight times the lattice's range. What limits it are the weight cap and the clip norm.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from trainer.aggregation.base import Aggregator
from trainer.kernels import Division, chosen
from trainer.types import IntVector, Lattice

__all__ = ["Mean", "MeanState", "divided_sum"]

_BLOCK = 1 << 15
# Below it, eight vectors or more fit 32 bits before their sums have to be moved.
_WORTH_WHILE = 1 << 28


@dataclass
class MeanState:
    """Running sums. `total` is exact to 64 bits; `narrow` holds what hasn't been moved there.

    Args:
        lattice: type and guard bits.
        total: shape (n,), Σ wᵢqᵢ of what was moved.
        narrow: shape (n,), Σ wᵢqᵢ of the latest vectors, while it surely fits 32 bits.
        narrow_bound: the largest absolute value that `narrow` could hold.
        weight: Σ wᵢ.
    """

    lattice: Lattice
    total: npt.NDArray[np.int64]
    narrow: npt.NDArray[np.int32]
    narrow_bound: int
    weight: int


@final
class Mean(Aggregator[MeanState]):
    """`roundHalfAway(2^g · Σ wᵢqᵢ / Σ wᵢ)`, streamed in 12 bytes per value.

    The state is a pair of sums; see `MeanState`.
    """

    def init(self, length: int, lattice: Lattice) -> MeanState:
        """Returns zero sums.

        Raises:
            AggregationError: no values.
        """
        if length < 1:
            raise AggregationError("expected vectors with at least one value")
        return MeanState(lattice, np.zeros(length, np.int64), np.zeros(length, np.int32), 0, 0)

    def add(self, state: MeanState, vector: IntVector, weight: int) -> MeanState:
        """Adds `weight · vector`."""
        _check_update(state.lattice, state.total.size, vector, weight)
        _check_weight(state.lattice, state.weight + weight)
        bound = weight << (state.lattice.bits - 1)
        if bound < _WORTH_WHILE:
            if state.narrow_bound + bound >= 1 << 31:
                _widen(state)
            # Half the memory traffic of 64 bits, and still exact: the bound says so.
            _accumulate(state.narrow, vector, weight)
            state.narrow_bound += bound
        else:
            _accumulate(state.total, vector, weight)
        state.weight += weight
        return state

    def combine(self, updates: Iterable[tuple[IntVector, int]], lattice: Lattice) -> IntVector:
        """Returns the mean of updates that are all there: the bits of `finish`, in one pass."""
        pairs = list(updates)
        if not pairs:
            raise AggregationError("expected at least one update, got none")
        length, total = pairs[0][0].size, 0
        for vector, weight in pairs:
            _check_update(lattice, length, vector, weight)
            total += weight
            _check_weight(lattice, total)
        largest = total << (lattice.bits - 1)
        division = Division(total, lattice.guard_bits, largest)
        return chosen().weighted([v for v, _ in pairs], [w for _, w in pairs], division)

    def without(self, state: MeanState, vector: IntVector, weight: int) -> MeanState:
        """Returns a new state as if one vector had not been added; exact, since integers are.

        Raises:
            AggregationError: another length or type, or more weight than there is left.
        """
        _check_update(state.lattice, state.total.size, vector, weight)
        if weight > state.weight:
            raise AggregationError(f"can't take weight {weight} out of {state.weight}")
        total = state.total + state.narrow
        _accumulate(total, vector, -weight)
        narrow = np.zeros(total.size, np.int32)
        return MeanState(state.lattice, total, narrow, 0, state.weight - weight)

    def finish(self, state: MeanState) -> npt.NDArray[np.int32]:
        """Returns the mean in units of `2**(e - g)`."""
        if state.weight < 1:
            raise AggregationError("expected at least one update, got none")
        _widen(state)
        result = np.empty(state.total.size, np.int32)
        for start in range(0, result.size, _BLOCK):
            part = state.total[start : start + _BLOCK]
            result[start : start + _BLOCK] = _divided(part, state.weight, state.lattice.guard_bits)
        return result


def divided_sum(
    numerators: npt.NDArray[np.int64], denominator: int, lattice: Lattice
) -> npt.NDArray[np.int32]:
    """Returns `roundHalfAway(2^g · numerators / denominator)`, shape (n,), int32 (A-1).

    Args:
        numerators: shape (n,), 64-bit integers.
        denominator: at least 1.
        lattice: its guard bits are g.

    Raises:
        AggregationError: a denominator below 1.
    """
    return Mean().finish(MeanState(lattice, numerators, np.zeros(0, np.int32), 0, denominator))


def _check_weight(lattice: Lattice, weight: int) -> None:
    if weight << (lattice.bits - 1 + lattice.guard_bits) >= 1 << 62:
        raise AggregationError(f"weights of {weight} could overflow the sum (A-2); lower the cap")


def _check_update(lattice: Lattice, length: int, vector: IntVector, weight: int) -> None:
    if vector.shape != (length,):
        raise AggregationError(f"expected the shape {(length,)}, got {vector.shape}")
    if vector.dtype != lattice.dtype:
        raise AggregationError(f"expected {lattice.dtype}, got {vector.dtype}")
    if type(weight) is not int or weight < 1:
        raise AggregationError(f"expected a weight of at least 1, got {weight!r}")


def _accumulate(
    sums: npt.NDArray[np.int64] | npt.NDArray[np.int32], vector: IntVector, weight: int
) -> None:
    # Blocks that stay in the processor's cache between the three steps.
    scratch = np.empty(min(_BLOCK, sums.size), sums.dtype)
    factor = sums.dtype.type(weight)
    for start in range(0, sums.size, _BLOCK):
        part = sums[start : start + _BLOCK]
        product = scratch[: part.size]
        product[:] = vector[start : start + _BLOCK]
        product *= factor
        part += product


def _widen(state: MeanState) -> None:
    if state.narrow_bound:
        state.total += state.narrow
        state.narrow[:] = 0
        state.narrow_bound = 0


def _divided(sums: npt.NDArray[np.int64], weight: int, guard_bits: int) -> npt.NDArray[np.int64]:
    # 2|n| + d < 2^63: |n| ≤ d(2^(b-1) - 1)2^g by the lattice's range, and d·2^(b+g) < 2^63 by A-2.
    doubled = np.abs(sums) << (guard_bits + 1)
    doubled += weight
    doubled //= 2 * weight
    return np.where(sums < 0, -doubled, doubled)
