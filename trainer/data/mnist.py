"""Reads MNIST from its IDX files, by path.

Source: LeCun, Cortes, Burges, "The MNIST database of handwritten digits": big-endian headers of a
magic number and one size per dimension, then bytes.
"""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import IO, cast

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError

__all__ = ["MEAN", "STANDARD_DEVIATION", "load_mnist", "read_idx"]

# Of the training images' values between 0 and 1, as everybody normalises them.
MEAN = 0.1307
STANDARD_DEVIATION = 0.3081
_LARGEST = 1 << 30
_PARTS = {"train": "train", "test": "t10k"}


def read_idx(path: Path, limit: int = _LARGEST) -> npt.NDArray[np.uint8]:
    """Returns the array of an IDX file of bytes, plain or gzipped (`.gz`).

    Args:
        path: the file.
        limit: the most values to accept; checked before anything is allocated.

    Raises:
        ConfigError: no such file, another format, too many values, or too few.
    """
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; give the folder of the IDX files")
    with _opened(path) as file:
        magic = file.read(4)
        if len(magic) != 4 or magic[:3] != b"\x00\x00\x08" or not 1 <= magic[3] <= 4:
            raise ConfigError(f"{path}: expected an IDX file of bytes")
        sizes = file.read(4 * magic[3])
        shape = [int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4)]
        count = 1
        for side in shape:
            count *= side
        if len(sizes) != 4 * magic[3] or count > limit:
            raise ConfigError(f"{path}: expected at most {limit} values, got the shape {shape}")
        data = file.read(count + 1)
    if len(data) != count:
        raise ConfigError(f"{path}: expected {count} values, got another number")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)


def _opened(path: Path) -> IO[bytes]:
    if path.suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(path))
    return path.open("rb")


def load_mnist(folder: Path, part: str = "train", examples: int | None = None) -> TensorDataset:
    """Returns normalised images, shape (n, 1, 28, 28) float32, with labels, shape (n,) int64.

    Args:
        folder: of the four IDX files under their usual names, plain or gzipped.
        part: "train" or "test".
        examples: only the first ones; None for all.

    Raises:
        ConfigError: a file is missing or malformed, or there aren't that many examples.
    """
    if part not in _PARTS:
        raise ConfigError(f"expected the part 'train' or 'test', got {part!r}")
    images = read_idx(_found(folder, f"{_PARTS[part]}-images-idx3-ubyte"))
    labels = read_idx(_found(folder, f"{_PARTS[part]}-labels-idx1-ubyte"))
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise ConfigError(f"{folder}: images {images.shape} and labels {labels.shape} don't match")
    count = len(images) if examples is None else examples
    if not 1 <= count <= len(images):
        raise ConfigError(f"expected 1 to {len(images)} examples, got {count}")
    pixels = torch.from_numpy(images[:count].astype(np.float32)).unsqueeze(1) / 255.0
    inputs = (pixels - MEAN) / STANDARD_DEVIATION
    return TensorDataset(inputs, torch.from_numpy(labels[:count].astype(np.int64)))


def _found(folder: Path, name: str) -> Path:
    plain = folder / name
    return plain if plain.is_file() else folder / f"{name}.gz"
