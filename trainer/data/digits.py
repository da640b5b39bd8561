"""Handwritten digits that ship with the package: enough to try a federation without a download.

Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits" (UCI, 1998), licence
CC BY 4.0; the 1,797 images that scikit-learn has, 8 × 8 values from 0 to 16, unchanged.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError

__all__ = ["DIGITS", "load_digits"]

DIGITS = 1_797
"""How many there are."""
_FILE = Path(__file__).with_name("digits.npz")
_ENLARGED, _MARGIN = 3, 2


def load_digits(start: int = 0, stop: int = DIGITS) -> TensorDataset:
    """Returns images, shape (n, 1, 28, 28) float32 from 0 to 1, with labels, shape (n,) int64.

    Each pixel is enlarged to 3 × 3 and a margin of 2 is left, so they fit what reads MNIST.

    Args:
        start: the first one's index.
        stop: the index behind the last one's.

    Raises:
        ConfigError: no such range.
    """
    if not 0 <= start < stop <= DIGITS:
        raise ConfigError(f"expected a range within 0 to {DIGITS}, got {start} to {stop}")
    with np.load(_FILE, allow_pickle=False) as found:
        images, labels = found["images"][start:stop], found["labels"][start:stop]
    scaled = torch.from_numpy(images.astype(np.float32) / 16).unsqueeze(1)
    enlarged = scaled.repeat_interleave(_ENLARGED, 2).repeat_interleave(_ENLARGED, 3)
    inputs = torch.nn.functional.pad(enlarged, [_MARGIN] * 4)
    return TensorDataset(inputs, torch.from_numpy(labels.astype(np.int64)))
