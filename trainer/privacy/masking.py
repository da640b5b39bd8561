"""Updates under masks, and their sum without: modulo 2^width, where masks cancel exactly.

Source: Bonawitz et al., "Practical secure aggregation for privacy-preserving machine learning"
(CCS 2017). Each mask is the keystream of a seed (`trainer.kernels.masks`). Work goes in slices of
whole chunks, shared out among cores: memory above what is given and returned is one slice a core,
so vectors may be mapped from files, and so may `out`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from trainer.kernels import SEED_BYTES, Packed, Residues, chosen_masks, shared
from trainer.privacy.packing import SLICE, centred, check_packed, check_width, packed_bytes
from trainer.types import IntVector
from trainer.vectors.vector_roots import CHUNK

__all__ = ["masked", "unmasked_sum"]


def masked(
    values: IntVector,
    width: int,
    added: Sequence[bytes],
    subtracted: Sequence[bytes],
    *,
    factor: int = 1,
    appended: Sequence[int] = (),
    start: int = 0,
    out: Packed | None = None,
) -> Packed:
    """Returns `factor · values ‖ appended`, plus and minus masks, modulo 2^width, packed.

    Args:
        values: shape (n,), signed.
        width: of a masked value, in bits.
        added: seeds of masks, 32 bytes each.
        subtracted: likewise.
        factor: the weight, below 2^63.
        appended: further values, behind the vector's; the factor doesn't count for them.
        start: where the first value stands in the masks' vector, a multiple of 256.
        out: where to write; new memory without it.

    Raises:
        AggregationError: no vector of signed integers, a seed of another size, a width beyond 1 to
            64, a start within a chunk, or an `out` of another size.
    """
    if values.ndim != 1 or values.dtype.kind != "i":
        raise AggregationError(
            f"expected a vector of signed integers, got {values.dtype} of {values.shape}"
        )
    _check(width, start, added, subtracted)
    length = values.size + len(appended)
    size = packed_bytes(length, width)
    target = np.empty(size, np.uint8) if out is None else out
    if target.dtype != np.uint8 or target.shape != (size,):
        raise AggregationError(f"expected {size} bytes to write to, got {target.shape}")
    kernel = chosen_masks()
    tail = np.array(appended, np.int64).view(np.uint64)

    def work(at: int) -> None:
        residues = np.empty(min(SLICE, length - at), np.uint64)
        own = values[at : at + residues.size]
        np.multiply(own, np.int64(factor), out=residues[: own.size].view(np.int64))
        residues[own.size :] = tail[max(0, at - values.size) :][: residues.size - own.size]
        kernel.add_keystreams(residues, width, _block(start + at, width), added, subtracted)
        kernel.pack(residues, width, _stretch(target, at, residues.size, width))

    shared(work, range(0, length, SLICE))
    return target


def unmasked_sum(
    vectors: Sequence[Packed],
    length: int,
    width: int,
    added: Sequence[bytes],
    subtracted: Sequence[bytes],
    *,
    start: int = 0,
    out: npt.NDArray[np.int64] | None = None,
) -> npt.NDArray[np.int64]:
    """Returns the sum of packed vectors, plus and minus masks, modulo 2^width, as signed integers.

    Args:
        vectors: each `length` values; none gives the sum of the masks alone.
        length: at least 1.
        width: of a value, in bits.
        added: seeds of masks that were subtracted, 32 bytes each.
        subtracted: seeds of masks that were added.
        start: where the first value stands in the masks' vector, a multiple of 256.
        out: where to write, shape (length,); new memory without it.

    Raises:
        AggregationError: a vector that isn't `length` values of that width, a seed of another
            size, a width beyond 1 to 64, a start within a chunk, or an `out` of another shape.
    """
    _check(width, start, added, subtracted)
    for vector in vectors:
        check_packed(vector, length, width)
    target = np.empty(length, np.int64) if out is None else out
    if target.dtype != np.int64 or target.shape != (length,):
        raise AggregationError(f"expected {length} values to write to, got {target.shape}")
    kernel = chosen_masks()

    def work(at: int) -> None:
        residues: Residues = np.zeros(min(SLICE, length - at), np.uint64)
        parts = [_stretch(vector, at, residues.size, width) for vector in vectors]
        kernel.add_packed(residues, width, [np.ascontiguousarray(part) for part in parts])
        kernel.add_keystreams(residues, width, _block(start + at, width), added, subtracted)
        target[at : at + residues.size] = centred(residues, width)

    shared(work, range(0, length, SLICE))
    return target


def _stretch(packed: Packed, start: int, length: int, width: int) -> Packed:
    begin = start * width // 8
    return packed[begin : begin + packed_bytes(length, width)]


def _block(start: int, width: int) -> int:
    # A chunk takes as many of a keystream's blocks as a value has bits.
    return start // CHUNK * width


def _check(width: int, start: int, added: Sequence[bytes], subtracted: Sequence[bytes]) -> None:
    check_width(width)
    if start < 0 or start % CHUNK:
        raise AggregationError(f"expected a start at a multiple of {CHUNK}, got {start}")
    for seed in (*added, *subtracted):
        if len(seed) != SEED_BYTES:
            raise AggregationError(f"expected a seed of {SEED_BYTES} bytes, got {len(seed)}")
