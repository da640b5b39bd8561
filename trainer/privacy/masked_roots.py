"""The root of a packed vector, and proofs of its chunks: L-4 with the width of its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from registry.errors import AggregationError
from trainer.kernels import Packed
from trainer.privacy.packing import check_packed
from trainer.vectors.vector_roots import CHUNK, chunk_count, proof_of, root_of

__all__ = ["PackedVector"]


@final
@dataclass(frozen=True, eq=False)
class PackedVector:
    """A packed vector that proves its chunks (`trainer.vectors.stored_vectors.Rooted`).

    Args:
        packed: its bytes; may be mapped from a file.
        length: how many values there are.
        width: of a value, in bits.

    Raises:
        AggregationError: the bytes aren't so many values.
    """

    packed: Packed
    length: int
    width: int

    def __post_init__(self) -> None:
        """Checks size and padding."""
        check_packed(self.packed, self.length, self.width)

    def root(self) -> bytes:
        """Returns the vector root, 32 bytes."""
        return root_of(self._read, self.length, self.width)

    def chunk(self, index: int) -> bytes:
        """Returns a chunk's bytes: up to 256 values, packed.

        Raises:
            AggregationError: there is no such chunk.
        """
        count = chunk_count(self.length)
        if not 0 <= index < count:
            raise AggregationError(f"expected a chunk from 0 to {count - 1}, got {index}")
        return bytes(self._read(index * CHUNK, min((index + 1) * CHUNK, self.length)))

    def proof(self, index: int) -> list[bytes]:
        """Returns the siblings of a chunk's leaf, from the leaf up.

        Raises:
            AggregationError: there is no such chunk.
        """
        self.chunk(index)
        return proof_of(self._read, self.length, self.width, index)

    def _read(self, start: int, stop: int) -> memoryview:
        # What is read begins at a chunk, so at a byte.
        part = self.packed[start * self.width // 8 : (stop * self.width + 7) // 8]
        return np.ascontiguousarray(part).data
