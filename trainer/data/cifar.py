"""Reads CIFAR-10 from its binary version, by path.

Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009). A record is a
label and 3 × 32 × 32 bytes, channel by channel. The version for Python is pickled, and not read.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError

__all__ = ["MEANS", "STANDARD_DEVIATIONS", "load_cifar10"]

# Of the training images' values between 0 and 1, by channel.
MEANS = (0.4914, 0.4822, 0.4465)
STANDARD_DEVIATIONS = (0.2470, 0.2435, 0.2616)
_FILES = {
    "train": [f"data_batch_{number}.bin" for number in range(1, 6)],
    "test": ["test_batch.bin"],
}
_RECORD = 1 + 3 * 32 * 32
_MOST = 10_000


def load_cifar10(folder: Path, part: str = "train", examples: int | None = None) -> TensorDataset:
    """Returns normalised images, shape (n, 3, 32, 32) float32, with labels, shape (n,) int64.

    Args:
        folder: of `data_batch_1.bin` to `data_batch_5.bin` and `test_batch.bin`.
        part: "train" or "test".
        examples: only the first ones; None for all.

    Raises:
        ConfigError: a file is missing or malformed, or there aren't that many examples.
    """
    if part not in _FILES:
        raise ConfigError(f"expected the part 'train' or 'test', got {part!r}")
    records = np.concatenate([_records(folder / name) for name in _FILES[part]])
    count = len(records) if examples is None else examples
    if not 1 <= count <= len(records):
        raise ConfigError(f"expected 1 to {len(records)} examples, got {count}")
    pixels = torch.from_numpy(records[:count, 1:].reshape(-1, 3, 32, 32).astype(np.float32))
    means, deviations = (
        torch.tensor(numbers).reshape(3, 1, 1) for numbers in (MEANS, STANDARD_DEVIATIONS)
    )
    labels = torch.from_numpy(records[:count, 0].astype(np.int64))
    return TensorDataset((pixels / 255.0 - means) / deviations, labels)


def _records(path: Path) -> npt.NDArray[np.uint8]:
    if not path.is_file():
        raise ConfigError(f"{path}: no such file; give the folder of CIFAR-10's binary version")
    size = path.stat().st_size
    if size == 0 or size % _RECORD or size > _MOST * _RECORD:
        raise ConfigError(f"{path}: expected 1 to {_MOST} records of {_RECORD} bytes, got {size}")
    records = np.frombuffer(path.read_bytes(), dtype=np.uint8).reshape(-1, _RECORD)
    if (worst := int(records[:, 0].max())) > 9:
        raise ConfigError(f"{path}: expected labels from 0 to 9, got {worst}")
    return records
