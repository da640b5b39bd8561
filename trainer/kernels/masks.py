"""What mask kernels compute: values of some bits each, packed, and the keystreams of mask seeds.

Source: Bonawitz et al., "Practical secure aggregation for privacy-preserving machine learning"
(CCS 2017): masks that cancel, or are taken off, in sums modulo a power of two. Block n of a seed's
keystream is `sha256(seed ‖ n as 8 bytes)`; it is read as values like a packed vector.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["BLOCK_BYTES", "LANES", "SEED_BYTES", "MaskKernels", "Packed", "Residues", "check_masks"]

Residues = npt.NDArray[np.uint64]
"""Values modulo 2^64, and so modulo every smaller power of two, shape (n,)."""
Packed = npt.NDArray[np.uint8]
"""Values of a width each, most significant bit first, one after another; then zero bits."""
SEED_BYTES = 32
BLOCK_BYTES = 32
LANES = 8
"""So many values of any width are whole bytes."""


class MaskKernels(ABC):
    """Kernels over a stretch of values that begins where a byte, and a keystream's block, does."""

    @abstractmethod
    def add_packed(self, residues: Residues, width: int, packed: Sequence[Packed]) -> None:
        """Adds packed values to residues, modulo 2^64.

        Args:
            residues: shape (n,), changed in place.
            width: of a value, 1 to 64 bits.
            packed: each the bytes of n values.

        Raises:
            ValueError: they aren't.
        """

    @abstractmethod
    def add_keystreams(
        self,
        residues: Residues,
        width: int,
        block: int,
        added: Sequence[bytes],
        subtracted: Sequence[bytes],
    ) -> None:
        """Adds and subtracts the keystreams of seeds, modulo 2^width; higher bits are anything.

        Args:
            residues: shape (n,), changed in place.
            width: of a value, 1 to 64 bits.
            block: the number of the keystreams' block where the stretch begins.
            added: seeds of 32 bytes.
            subtracted: likewise.

        Raises:
            ValueError: another width, block or size of a seed.
        """

    @abstractmethod
    def pack(self, residues: Residues, width: int, out: Packed) -> None:
        """Writes residues modulo 2^width to `out`, the bytes of n values.

        Raises:
            ValueError: another width, or as many bytes as aren't theirs.
        """


def check_masks(
    residues: Residues, width: int, packed: Sequence[Packed] = (), seeds: Sequence[bytes] = ()
) -> None:
    """Checks what kernels read and write.

    Raises:
        ValueError: they would go beyond.
    """
    if not 1 <= width <= 64:
        raise ValueError(f"expected a width of 1 to 64 bits, got {width}")
    if residues.dtype != np.uint64 or residues.ndim != 1 or not residues.flags.c_contiguous:
        raise ValueError(f"expected contiguous residues of 64 bits, got {residues.dtype}")
    size = (residues.size * width + 7) // 8
    for one in packed:
        if one.dtype != np.uint8 or one.shape != (size,) or not one.flags.c_contiguous:
            raise ValueError(f"expected {size} contiguous bytes, got {one.shape} of {one.dtype}")
    for seed in seeds:
        if len(seed) != SEED_BYTES:
            raise ValueError(f"expected a seed of {SEED_BYTES} bytes, got {len(seed)}")
