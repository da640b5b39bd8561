"""Reads FEMNIST as LEAF writes it: handwritten characters, by writer.

Source: Caldas et al., "LEAF: A Benchmark for Federated Settings" (2018). A JSON file has `users`,
`num_samples` and, in `user_data`, everybody's 784 values from 0 to 1 and labels from 0 to 61.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError

__all__ = ["CLASSES", "load_femnist"]

CLASSES = 62
_SIDE = 28
_LARGEST = 1 << 31


def load_femnist(path: Path, writers: int | None = None) -> dict[str, TensorDataset]:
    """Returns everybody's images, shape (n, 1, 28, 28) float32, and labels, by ascending writer.

    Args:
        path: one of LEAF's JSON files.
        writers: only the first ones; None for all.

    Raises:
        ConfigError: no such file, or one of another form.
    """
    if not path.is_file() or path.stat().st_size > _LARGEST:
        raise ConfigError(f"{path}: expected one of LEAF's JSON files of at most 2 GiB")
    try:
        with path.open(encoding="utf-8") as file:
            found = json.load(file)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: expected JSON, got {str(error)[:100]}") from None
    data = found.get("user_data") if isinstance(found, dict) else None
    if not isinstance(data, dict) or not data:
        raise ConfigError(f"{path}: expected user_data by writer")
    names = sorted(data)
    if writers is not None and not 1 <= writers <= len(names):
        raise ConfigError(f"expected 1 to {len(names)} writers, got {writers}")
    return {name: _examples(f"{path}: {name}", data[name]) for name in names[:writers]}


def _examples(what: str, data: Any) -> TensorDataset:
    try:
        pixels = np.asarray(data["x"], dtype=np.float32)
        labels = np.asarray(data["y"])
    except (KeyError, TypeError, ValueError) as error:
        raise ConfigError(f"{what}: expected numbers in x and y") from error
    if pixels.ndim != 2 or pixels.shape[1] != _SIDE**2 or labels.shape != (len(pixels),):
        raise ConfigError(f"{what}: expected 784 values for each label, got {pixels.shape}")
    inside = np.isfinite(pixels).all() and pixels.min() >= 0 and pixels.max() <= 1
    if not inside or labels.dtype.kind != "i" or not 0 <= labels.min() <= labels.max() < CLASSES:
        raise ConfigError(f"{what}: expected values from 0 to 1 and labels from 0 to {CLASSES - 1}")
    inputs = torch.from_numpy(pixels).reshape(-1, 1, _SIDE, _SIDE)
    return TensorDataset(inputs, torch.from_numpy(labels.astype(np.int64)))
