"""The mask kernels in hashlib and NumPy: what runs where nothing could be compiled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import final

import numpy as np

from trainer.kernels.masks import (
    BLOCK_BYTES,
    LANES,
    MaskKernels,
    Packed,
    Residues,
    check_masks,
)

__all__ = ["PortableMasks"]


@final
class PortableMasks(MaskKernels):
    """In one thread, in hashlib and NumPy alone."""

    def add_packed(self, residues: Residues, width: int, packed: Sequence[Packed]) -> None:
        """Adds packed values."""
        check_masks(residues, width, packed)
        for one in packed:
            residues += _unpacked(one, residues.size, width)

    def add_keystreams(
        self,
        residues: Residues,
        width: int,
        block: int,
        added: Sequence[bytes],
        subtracted: Sequence[bytes],
    ) -> None:
        """Adds and subtracts keystreams."""
        check_masks(residues, width, (), [*added, *subtracted])
        for seed in added:
            residues += _mask(seed, block, residues.size, width)
        for seed in subtracted:
            residues -= _mask(seed, block, residues.size, width)

    def pack(self, residues: Residues, width: int, out: Packed) -> None:
        """Writes residues."""
        check_masks(residues, width, [out])
        groups = -(-residues.size // LANES)
        rows = np.zeros((groups, LANES), np.uint64)
        rows.reshape(-1)[: residues.size] = residues & _ones(width)
        written = np.zeros((groups, width), np.uint8)
        for lane, byte, shift in _crossings(width):
            values = rows[:, lane]
            moved = values >> np.uint64(shift) if shift >= 0 else values << np.uint64(-shift)
            written[:, byte] |= moved.astype(np.uint8)
        out[:] = written.reshape(-1)[: out.size]


def _mask(seed: bytes, block: int, length: int, width: int) -> Residues:
    size, begun, digests = (length * width + 7) // 8, sha256(seed), []
    for number in range(block, block + -(-size // BLOCK_BYTES)):
        digest = begun.copy()
        digest.update(number.to_bytes(8, "big"))
        digests.append(digest.digest())
    return _unpacked(np.frombuffer(b"".join(digests), np.uint8)[:size], length, width)


def _unpacked(packed: Packed, length: int, width: int) -> Residues:
    groups = -(-length // LANES)
    rows = np.zeros((groups, width), np.uint8)
    rows.reshape(-1)[: packed.size] = packed
    values = np.zeros((groups, LANES), np.uint64)
    for lane, byte, shift in _crossings(width):
        column = rows[:, byte].astype(np.uint64)
        values[:, lane] |= column << np.uint64(shift) if shift >= 0 else column >> np.uint64(-shift)
    return values.reshape(-1)[:length] & _ones(width)


def _crossings(width: int) -> Iterator[tuple[int, int, int]]:
    """Gives each lane and byte of a group that share bits, and how far left these stand."""
    for lane in range(LANES):
        past = (lane + 1) * width
        for byte in range(lane * width // 8, (past + 7) // 8):
            yield lane, byte, past - 8 * (byte + 1)


def _ones(width: int) -> np.uint64:
    return np.uint64((1 << width) - 1)
