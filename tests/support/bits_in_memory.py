"""Vectors by their bits, in memory, which prove their chunks."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from trainer.types import IntVector
from trainer.vectors.vector_roots import chunk_bytes, chunk_proof, vector_root

__all__ = ["Bits", "changed", "weights"]

BITS = 32


@dataclass(frozen=True)
class Bits:
    """Weights by their bits, in memory."""

    values: IntVector
    length: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "length", self.values.size)

    def root(self) -> bytes:
        """Their root."""
        return vector_root(self.values, BITS)

    def chunk(self, index: int) -> bytes:
        """A chunk's bytes."""
        return chunk_bytes(self.values, BITS, index)

    def proof(self, index: int) -> list[bytes]:
        """A chunk's siblings."""
        return list(chunk_proof(self.values, BITS, index))


def weights(seed: int, length: int = 1_000) -> Bits:
    """Some weights."""
    return Bits(np.random.default_rng(seed).integers(0, 1 << 20, length).astype(np.int32))


def changed(right: Bits, place: int) -> Bits:
    """The same with one weight changed."""
    values = right.values.copy()
    values[place] += 1
    return Bits(values)
