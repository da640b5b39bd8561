"""The root of a server's momentum, and proofs of its chunks (A-7, F-15).

The momentum is one vector in the layout of L-3, each value as the bits of its binary64, under the
tree of L-4. It lies in the version's folder; a version without a memory remembers zeros.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
import torch

from registry.errors import ConfigError
from trainer.documents.version_folders import SERVER_FILE
from trainer.vectors.safetensors_files import TensorPlace, tensor_places
from trainer.vectors.stored_vectors import StoredVector

__all__ = ["Momenta", "momenta_of"]

_NAME = "momentum"
_WIDTH = 8


@final
@dataclass(frozen=True)
class Momenta(StoredVector):
    """What a server with momentum remembers at a version, where it lies in its folder.

    Args:
        path: the file; None where nothing was remembered.
        place: the vector's; None likewise.
        length: how many values there are.
        bits: those of a binary64.
    """

    path: Path | None
    place: TensorPlace | None
    length: int
    bits: int = 8 * _WIDTH

    def read(self, start: int, stop: int) -> bytes:
        """Returns the bits of the values from `start` to before `stop`, big-endian.

        Raises:
            ConfigError: the file was cut short meanwhile.
        """
        start, stop = max(start, 0), min(stop, self.length)
        size = _WIDTH * max(stop - start, 0)
        if self.path is None or self.place is None:
            return bytes(size)
        with self.path.open("rb") as file:
            file.seek(self.place.offset + _WIDTH * start)
            data = file.read(size)
        if len(data) != size:
            raise ConfigError(f"{self.path}: cut short while it was read; fetch it again")
        return np.frombuffer(data, "<u8").astype(">u8").tobytes()


def momenta_of(folder: Path, length: int) -> Momenta:
    """Returns the momentum of a version's folder; zeros where it remembers nothing.

    Args:
        folder: the version's.
        length: how many values are trained.

    Raises:
        ConfigError: a malformed file, one of another strategy, or a vector of another length.
    """
    path = folder / SERVER_FILE
    if not path.exists():
        return Momenta(None, None, length)
    places = tensor_places(path)
    place = places.get(_NAME)
    if place is None or len(places) != 1:
        raise ConfigError(
            f"{path}: expected {_NAME} alone, got {', '.join(sorted(places)) or 'nothing'}: go on "
            "with the strategy that made it, or from a version without a memory"
        )
    if place.dtype != torch.float64 or place.shape != (length,):
        raise ConfigError(
            f"{path}: expected {length} 64-bit floats, got {tuple(place.shape)} of {place.dtype}"
        )
    return Momenta(path, place, length)
