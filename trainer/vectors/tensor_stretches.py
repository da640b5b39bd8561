"""Tensors as kernels take them, cut into stretches that threads can share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from trainer.kernels import FloatBits

__all__ = ["Stretch", "is_finite", "stretches", "tensor_bits"]

_LONGEST = 1 << 18
"""Values of a stretch: a few megabytes, so that ten threads have something to do in a layer."""


@dataclass(frozen=True)
class Stretch:
    """Some of a tensor's values.

    Args:
        tensor: its number in the layout.
        inside: where they lie in the tensor, flattened.
        place: where they lie in the vector.
    """

    tensor: int
    inside: slice
    place: slice


def stretches(sizes: Sequence[int]) -> list[Stretch]:
    """Returns the stretches of tensors of these sizes, none across two tensors."""
    found, before = [], 0
    for index, size in enumerate(sizes):
        for start in range(0, size, _LONGEST):
            stop = min(start + _LONGEST, size)
            place = slice(before + start, before + stop)
            found.append(Stretch(index, slice(start, stop), place))
        before += size
    return found


def tensor_bits(tensor: torch.Tensor) -> FloatBits:
    """Returns a floating tensor's values in row-major order, shape (n,).

    Its own memory if it is contiguous and on the CPU; bfloat16, which NumPy lacks, as uint16.
    """
    flat = tensor.detach().cpu().contiguous().view(-1)
    if flat.dtype is torch.bfloat16:
        return flat.view(torch.int16).numpy().view(np.uint16)
    found: FloatBits = flat.numpy()
    return found


def is_finite(tensor: torch.Tensor) -> bool:
    """Tells whether a floating tensor holds neither an infinity nor a NaN."""
    bits = tensor_bits(tensor)
    for stretch in stretches([bits.size]):
        part = bits[stretch.inside]
        wide = part & 0x7F80 != 0x7F80 if part.dtype == np.uint16 else np.isfinite(part)
        if not wide.all():
            return False
    return True
