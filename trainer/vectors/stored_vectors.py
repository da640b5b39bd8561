"""Vectors that lie in files, read block by block: their roots, chunks and proofs (L-4).

Memory holds one block, whatever the vector's size.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np

from registry.errors import AggregationError
from trainer.vectors.vector_roots import CHUNK, chunk_count, proof_of, root_of

__all__ = ["Rooted", "StoredVector", "first_difference"]

_BLOCK = 1 << 20


class Rooted(Protocol):
    """A vector that proves its chunks; a `StoredVector` is one."""

    @property
    def length(self) -> int:
        """How many values there are."""

    def root(self) -> bytes:
        """Returns their vector root."""

    def chunk(self, index: int) -> bytes:
        """Returns a chunk's bytes."""

    def proof(self, index: int) -> list[bytes]:
        """Returns the siblings of a chunk's leaf, from the leaf up."""


class StoredVector(ABC):
    """So many values of so many bits each, wherever they lie."""

    bits: int
    length: int

    @abstractmethod
    def read(self, start: int, stop: int) -> bytes:
        """Returns the bits of the values from `start` to before `stop`, big-endian.

        Raises:
            ConfigError: a file was cut short meanwhile.
        """

    def root(self) -> bytes:
        """Returns the values' vector root, 32 bytes.

        Raises:
            ConfigError: a file was cut short meanwhile.
        """
        return root_of(self.read, self.length, self.bits)

    def chunk(self, index: int) -> bytes:
        """Returns a chunk's bytes: the bits of up to 256 values, big-endian.

        Raises:
            AggregationError: there is no such chunk.
            ConfigError: a file was cut short meanwhile.
        """
        count = chunk_count(self.length)
        if not 0 <= index < count:
            raise AggregationError(f"expected a chunk from 0 to {count - 1}, got {index}")
        return self.read(index * CHUNK, min((index + 1) * CHUNK, self.length))

    def proof(self, index: int) -> list[bytes]:
        """Returns the siblings of a chunk's leaf, from the leaf up.

        Raises:
            AggregationError: there is no such chunk.
            ConfigError: a file was cut short meanwhile.
        """
        self.chunk(index)
        return proof_of(self.read, self.length, self.bits, index)


def first_difference(one: StoredVector, other: StoredVector) -> int | None:
    """Returns the first chunk in which two vectors differ; None if there is none.

    Raises:
        AggregationError: they aren't of one length and width.
        ConfigError: a file was cut short meanwhile.
    """
    if (one.length, one.bits) != (other.length, other.bits):
        raise AggregationError(
            f"expected {one.length} weights of {one.bits} bits, got {other.length} of {other.bits}"
        )
    for start in range(0, one.length, _BLOCK):
        stop = min(start + _BLOCK, one.length)
        ours, theirs = one.read(start, stop), other.read(start, stop)
        if ours != theirs:
            same = np.frombuffer(ours, np.uint8) == np.frombuffer(theirs, np.uint8)
            return (start + int(np.argmin(same)) * 8 // one.bits) // CHUNK
    return None
