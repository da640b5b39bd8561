"""Passes an update through the transforms of a round onto the lattice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from trainer.transforms.base import Next, Transform, TransformContext, TransformedUpdate
from trainer.types import FloatVector, Lattice
from trainer.vectors.lattice import check_finite, quantize

__all__ = ["sent_update"]


def sent_update(
    delta: FloatVector,
    chain: Sequence[Transform],
    lattice: Lattice,
    memory: Mapping[str, FloatVector] | None = None,
    key: bytes = bytes(32),
) -> TransformedUpdate:
    """Returns what a participant sends of what training changed.

    Args:
        delta: shape (n,), in units of the parameters.
        chain: the round's transforms, the first one first; without any, the update is quantized.
        lattice: the round's.
        memory: what they kept after the last counted round.
        key: of the numbers that they draw, 32 bytes.

    Raises:
        UpdateRefused: NaN or infinity in the delta (T-27), or another shape than a vector's.
        ConfigError: a memory of another length.
    """
    if not chain:
        return TransformedUpdate(quantize(delta, lattice))
    values = delta.astype(np.float64)
    check_finite(values)
    around = TransformContext(lattice, memory or {}, key)

    def onward(place: int) -> Next:
        if place == len(chain):
            return lambda moved: TransformedUpdate(quantize(moved, lattice))
        return lambda moved: chain[place].apply(moved, around, onward(place + 1))

    return onward(0)(values)
