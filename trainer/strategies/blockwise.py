"""A strategy's step taken block by block: each value follows from its own place alone (A-7).

The operations are those over whole vectors, in their order, so they give the same bits; memory
holds the new tensors, what is remembered, and a block of everything between.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from trainer.kernels import FloatBits, chosen_floats
from trainer.strategies.base import ServerMemory, ServerState
from trainer.types import FloatVector, IntVector
from trainer.vectors.server_step import check_aggregate, moved_tensors
from trainer.vectors.tensor_stretches import Stretch

__all__ = ["RoundStep", "stepped"]

RoundStep = Callable[[ServerMemory, FloatVector], tuple[FloatVector, dict[str, FloatVector]]]
"""From memory and delta to the step and what is remembered, elementwise, of one shape (n,)."""

_BLOCK = 1 << 14


def stepped(
    state: ServerState,
    aggregate: IntVector,
    step: RoundStep,
    scale: float = 1,
    squares: Collection[str] = (),
) -> ServerState:
    """Returns the state after a step.

    What is remembered is in units of the parameters, or of their squares, whatever the scales of a
    round are (L-7): the step sees it, and makes it, in the vector's units.

    Args:
        state: at the base version; what it remembers has the layout's length.
        aggregate: shape (n,), int32.
        step: of any part of the vector; it keeps what the state remembers.
        scale: what the aggregate is multiplied by first.
        squares: the names of what it remembers in squared units.

    Raises:
        AggregationError: another length or type, or an overflow of a tensor's type.
    """
    check_aggregate(state.layout, aggregate)
    unit, kernels = 2.0**state.lattice.aggregate_exponent, chosen_floats()
    kept = {name: np.empty(state.layout.length) for name in state.memory}
    powers = {name: 2 if name in squares else 1 for name in state.memory}

    def move(stretch: Stretch, before: FloatBits, after: FloatBits) -> bool:
        whole, tensor_unit = True, 2.0 ** state.layout.shifts[stretch.tensor]
        for start in range(0, before.size, _BLOCK):
            inside = slice(start, min(start + _BLOCK, before.size))
            place = slice(stretch.place.start + inside.start, stretch.place.start + inside.stop)
            delta = aggregate[place] * np.float64(unit)  # exact
            if scale != 1:
                delta *= scale
            load_state = {
                name: _in(values[place], tensor_unit ** -powers[name])
                for name, values in state.memory.items()
            }
            moved, memory = step(load_state, delta)
            for name, values in memory.items():
                kept[name][place] = _in(values, tensor_unit ** powers[name])
            moved = _in(moved, tensor_unit)
            whole &= kernels.stepped(before[inside], moved, after[inside])
        return whole

    tensors = moved_tensors(state.tensors, state.layout, move)
    return replace(state, tensors=tensors, memory=kept)


def _in(values: FloatVector, unit: float) -> FloatVector:
    return values if unit == 1 else values * unit  # a power of two: exact
