"""From what training changed to an update on the lattice, and how much of it lies at the bounds.

A value that doesn't fit is clamped (L-2), which loses what it stood for. So clamped values are
counted by tensor: whoever trains sees them before anything is sent, and whoever receives an update
counts the values at the bounds again (L-9).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch

from trainer.errors import Reason, UpdateRefused
from trainer.kernels import chosen_floats, shared
from trainer.types import IntVector, Lattice
from trainer.vectors.lattice import quantize
from trainer.vectors.layout import Layout, difference, fitting
from trainer.vectors.tensor_stretches import Stretch, stretches, tensor_bits

__all__ = ["Quantized", "at_the_bounds", "check_saturation", "quantized", "saturated"]

_MILLION = 10**6


@dataclass(frozen=True, eq=False)
class Quantized:
    """An update on the lattice.

    Args:
        vector: shape (layout.length,), the lattice's type.
        clamped: how many values of each tensor lie at the lattice's bounds.
    """

    vector: IntVector
    clamped: tuple[int, ...]


def quantized(
    base: Mapping[str, torch.Tensor],
    trained: Mapping[str, torch.Tensor],
    layout: Layout,
    lattice: Lattice,
) -> Quantized:
    """Returns what training changed, on the lattice (L-2, L-7).

    Args:
        base: what was trained from.
        trained: what came of it; the same tensors.
        layout: those that are trained, and their units.
        lattice: bits, step and clip norm.

    Raises:
        AggregationError: a tensor is missing, or of another shape or type.
        UpdateRefused: NaN or infinity in the difference (T-27).
    """
    if lattice.clip_norm:  # the scale follows from the whole
        return _of_whole(base, trained, layout, lattice)
    vector, clamped = np.empty(layout.length, lattice.dtype), [0] * len(layout.names)
    pieces = stretches(layout.sizes)
    found = shared(_quantizing(base, trained, layout, lattice, vector), pieces)
    for stretch, (count, place) in zip(pieces, found, strict=True):
        if place is not None:
            return _of_whole(base, trained, layout, lattice)  # refuses it, by the tensor's name
        clamped[stretch.tensor] += count
    return Quantized(vector, tuple(clamped))


def _of_whole(
    base: Mapping[str, torch.Tensor],
    trained: Mapping[str, torch.Tensor],
    layout: Layout,
    lattice: Lattice,
) -> Quantized:
    vector = quantize(difference(trained, base, layout), lattice)
    return Quantized(vector, at_the_bounds(vector, layout, lattice))


def _quantizing(
    base: Mapping[str, torch.Tensor],
    trained: Mapping[str, torch.Tensor],
    layout: Layout,
    lattice: Lattice,
    vector: IntVector,
) -> Callable[[Stretch], tuple[int, int | None]]:
    """Returns what quantizes a stretch into its place of the vector, without a float of it kept."""
    kernels, tensors = chosen_floats(), range(len(layout.names))
    before = [tensor_bits(fitting(base, layout, index)) for index in tensors]
    after = [tensor_bits(fitting(trained, layout, index)) for index in tensors]

    def work(stretch: Stretch) -> tuple[int, int | None]:
        index, inside = stretch.tensor, stretch.inside
        exponent = lattice.step_exponent + layout.shifts[index]
        old, new = before[index][inside], after[index][inside]
        return kernels.quantized(old, new, exponent, vector[stretch.place])

    return work


def at_the_bounds(vector: IntVector, layout: Layout, lattice: Lattice) -> tuple[int, ...]:
    """Returns how many values of each tensor are the lattice's largest or smallest.

    Args:
        vector: shape (layout.length,), on the lattice.
        layout: of its tensors.
        lattice: of its bounds.
    """
    found, start = [], 0
    for size in layout.sizes:
        part = vector[start : start + size]
        found.append(_at_the_bounds(part, lattice.largest))
        start += size
    return tuple(found)


def _at_the_bounds(part: IntVector, largest: int) -> int:
    # Extremes are found in one pass without a copy, and nearly always they are all there is to see.
    if part.size == 0 or -largest < int(part.min()) <= int(part.max()) < largest:
        return 0
    return int(np.count_nonzero(part == largest)) + int(np.count_nonzero(part == -largest))


def saturated(counts: tuple[int, ...], layout: Layout, bound: int) -> dict[str, int]:
    """Returns the tensors with more values at the bounds than may be, and how many there are.

    Args:
        counts: by tensor, as `at_the_bounds` gives them.
        layout: of the tensors.
        bound: parts per million of each tensor.
    """
    sizes = zip(layout.names, counts, layout.sizes, strict=True)
    # In integers: a share in floats could fall on either side of the bound.
    return {name: count for name, count, size in sizes if count * _MILLION > bound * size}


def check_saturation(counts: tuple[int, ...], layout: Layout, bound: int) -> None:
    """Returns if no tensor has more values at the lattice's bounds than terms allow (L-9).

    Raises:
        UpdateRefused: the first one that has, with the share and the remedy.
    """
    sizes = dict(zip(layout.names, layout.sizes, strict=True))
    for name, count in saturated(counts, layout, bound).items():
        raise UpdateRefused(
            Reason.SATURATED,
            f"{count} of {sizes[name]} values of {name!r} lie at the lattice's bounds, at most "
            f"{bound} of a million may; train with a coarser step (--step), or give this tensor "
            "a scale of its own (--scale)",
        )
