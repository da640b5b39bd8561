"""The server's step: a base version's tensors, moved by an aggregate (A-3).

Each new value is worked out from its own base value and step, so tensors are cut into stretches
that threads share; nothing of the whole vector's length is made besides the new tensors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import AggregationError
from trainer.kernels import FloatBits, chosen_floats, shared
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout, fitting
from trainer.vectors.safetensors_files import State
from trainer.vectors.tensor_stretches import Stretch, stretches, tensor_bits

__all__ = [
    "Move",
    "apply_aggregate",
    "apply_step",
    "check_aggregate",
    "moved_tensors",
    "real_step",
]

Move = Callable[[Stretch, FloatBits, FloatBits], bool]
"""Writes a stretch's new values, given the old ones; tells whether all of them are numbers."""


def apply_aggregate(
    base: Mapping[str, torch.Tensor], layout: Layout, aggregate: IntVector, lattice: Lattice
) -> State:
    """Returns the new version's tensors (A-3).

    Args:
        base: every tensor of the base version.
        layout: where the trained ones lie in the vector.
        aggregate: shape (layout.length,), 32-bit integers in units of `2**(e - g)`.
        lattice: the exponents.

    Raises:
        AggregationError: another length or type, or a sum that overflows its tensor's type.
    """
    check_aggregate(layout, aggregate)
    whole, kernels = np.ascontiguousarray(aggregate), chosen_floats()

    def move(stretch: Stretch, before: FloatBits, after: FloatBits) -> bool:
        exponent = lattice.aggregate_exponent + layout.shifts[stretch.tensor]
        return kernels.moved(before, whole[stretch.place], exponent, after)

    return moved_tensors(base, layout, move)


def check_aggregate(layout: Layout, aggregate: IntVector) -> None:
    """Checks that an aggregate is of a layout.

    Raises:
        AggregationError: another length or type than shape (layout.length,), int32.
    """
    if aggregate.dtype != np.int32 or aggregate.shape != (layout.length,):
        raise AggregationError(
            f"expected an aggregate of int32 ({layout.length},), got {aggregate.dtype} "
            f"{aggregate.shape}"
        )


def real_step(aggregate: IntVector, lattice: Lattice) -> npt.NDArray[np.float64]:
    """Returns an aggregate in real numbers, `aggregate · 2^(e−g)`, exact in binary64."""
    return aggregate * np.float64(2.0**lattice.aggregate_exponent)


def apply_step(
    base: Mapping[str, torch.Tensor], layout: Layout, step: npt.NDArray[np.float64]
) -> State:
    """Returns every tensor, the trained ones moved by a step and rounded to their types (A-3).

    Args:
        base: every tensor of the base version.
        layout: where the trained ones lie in the vector.
        step: shape (layout.length,), each tensor in its own unit.

    Raises:
        AggregationError: another length, or a sum that overflows its tensor's type.
    """
    if step.shape != (layout.length,):
        raise AggregationError(f"expected the shape ({layout.length},), got {step.shape}")
    kernels = chosen_floats()

    def move(stretch: Stretch, before: FloatBits, after: FloatBits) -> bool:
        unit = 2.0 ** layout.shifts[stretch.tensor]
        part = step[stretch.place]
        return kernels.stepped(before, part if unit == 1 else part * unit, after)

    return moved_tensors(base, layout, move)


def moved_tensors(base: Mapping[str, torch.Tensor], layout: Layout, move: Move) -> State:
    """Returns every tensor, the trained ones as `move` writes them, in threads.

    Args:
        base: every tensor of the base version.
        layout: those that are trained.
        move: writes a stretch's new values, and tells whether all are numbers.

    Raises:
        AggregationError: a new value is none, by its tensor; or a tensor isn't the layout's.
    """
    before = [tensor_bits(fitting(base, layout, i)) for i in range(len(layout.names))]
    trained = {
        name: torch.empty(shape, dtype=dtype)
        for name, shape, dtype in zip(layout.names, layout.shapes, layout.dtypes, strict=True)
    }
    after = [tensor_bits(tensor) for tensor in trained.values()]

    def work(stretch: Stretch) -> bool:
        i, inside = stretch.tensor, stretch.inside
        return move(stretch, before[i][inside], after[i][inside])

    pieces = stretches(layout.sizes)
    for stretch, whole in zip(pieces, shared(work, pieces), strict=True):
        if not whole:
            name, dtype = layout.names[stretch.tensor], layout.dtypes[stretch.tensor]
            raise AggregationError(f"tensor {name!r} overflows {dtype}; choose a finer step")
    # A copy whose original isn't trained stays as it is, and so does the original.
    copies = {copy: trained[name].clone() for copy, name in layout.tied.items() if name in trained}
    made = {**trained, **copies}
    return {n: made[n] if n in made else t.detach().cpu().clone() for n, t in base.items()}
