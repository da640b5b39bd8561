"""Values of any width from 1 to 64 bits, packed: two's complement, most significant bit first.

As 256 values are a whole number of bytes, a vector's chunks lie one after another, and its last
byte ends in zero bits. Work goes in slices: memory above what is given and returned is one slice
a thread.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from trainer.kernels import Packed, Residues, chosen_masks, shared

__all__ = ["SLICE", "centred", "check_packed", "check_width", "pack", "packed_bytes", "unpack"]

SLICE = 1 << 16
"""So many values are worked on at once: whole chunks, and residues that stay in a cache."""


def packed_bytes(length: int, width: int) -> int:
    """Returns how many bytes `length` values of `width` bits take.

    Raises:
        AggregationError: no value, or a width beyond 1 to 64.
    """
    check_width(width)
    if length < 1:
        raise AggregationError(f"expected at least one value, got {length}")
    return (length * width + 7) // 8


def pack(values: npt.NDArray[np.integer[Any]], width: int) -> Packed:
    """Returns values modulo 2^width, packed, `packed_bytes` of them.

    Args:
        values: shape (n,), n ≥ 1, signed or unsigned.
        width: of a value, in bits.

    Raises:
        AggregationError: no vector of integers, or a width beyond 1 to 64.
    """
    if values.ndim != 1 or values.dtype.kind not in "iu":
        raise AggregationError(
            f"expected a vector of integers, got {values.dtype} of the shape {values.shape}"
        )
    packed = np.empty(packed_bytes(values.size, width), np.uint8)
    kernel = chosen_masks()

    def work(start: int) -> None:
        residues = values[start : start + SLICE].astype(np.uint64)
        part = packed[start * width // 8 :][: packed_bytes(residues.size, width)]
        kernel.pack(residues, width, part)

    shared(work, range(0, values.size, SLICE))
    return packed


def unpack(packed: Packed, length: int, width: int) -> Residues:
    """Returns packed values, 0 to 2^width - 1, shape (length,).

    Raises:
        AggregationError: as `check_packed`.
    """
    check_packed(packed, length, width)
    residues = np.zeros(length, np.uint64)
    kernel = chosen_masks()

    def work(start: int) -> None:
        part = residues[start : start + SLICE]
        stretch = packed[start * width // 8 :][: packed_bytes(part.size, width)]
        kernel.add_packed(part, width, [np.ascontiguousarray(stretch)])

    shared(work, range(0, length, SLICE))
    return residues


def centred(residues: Residues, width: int) -> npt.NDArray[np.int64]:
    """Returns the integers from -2^(width-1) to below 2^(width-1) that residues stand for.

    Args:
        residues: shape (n,); bits above the width don't count.
        width: of a value, in bits.

    Raises:
        AggregationError: a width beyond 1 to 64.
    """
    check_width(width)
    spare = np.uint64(64 - width)
    return (residues << spare).view(np.int64) >> np.int64(64 - width)


def check_packed(packed: Packed, length: int, width: int) -> None:
    """Checks that bytes are `length` values of `width` bits, and nothing else.

    Raises:
        AggregationError: another number of bytes, or one behind the last value that isn't zero.
    """
    size = packed_bytes(length, width)
    if packed.dtype != np.uint8 or packed.shape != (size,):
        raise AggregationError(
            f"expected {size} bytes for {length} values of {width} bits, "
            f"got {packed.dtype} of the shape {packed.shape}"
        )
    spare = 8 * size - length * width
    if int(packed[-1]) & ((1 << spare) - 1):
        raise AggregationError(
            f"expected the last {spare} bits of {length} values of {width} bits to be zero, "
            f"got a last byte of 0x{int(packed[-1]):02x}"
        )


def check_width(width: int) -> None:
    """Checks that values can have so many bits.

    Raises:
        AggregationError: they can't.
    """
    if not 1 <= width <= 64:
        raise AggregationError(f"expected a width of 1 to 64 bits, got {width}")
