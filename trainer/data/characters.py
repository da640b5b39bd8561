"""Text as numbers: windows of characters, each with the character that follows.

McMahan et al. (2017) predict the next of Shakespeare's characters from the 80 before.
"""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError

__all__ = ["CHARACTERS", "encoded", "windows"]

_ALPHABET = "\n" + "".join(map(chr, range(32, 127)))
CHARACTERS = len(_ALPHABET) + 1
"""A line's end, the 95 printable characters of ASCII, and 0 for any other."""
_CODES = {character: code for code, character in enumerate(_ALPHABET, 1)}


def encoded(text: str) -> torch.Tensor:
    """Returns the characters' numbers, shape (length,), 64-bit integers below `CHARACTERS`."""
    return torch.tensor([_CODES.get(character, 0) for character in text], dtype=torch.int64)


def windows(text: str, length: int = 80, most: int | None = None) -> TensorDataset:
    """Returns windows, shape (n, length), with the next characters, shape (n,).

    Args:
        text: longer than a window.
        length: of a window.
        most: at most so many windows, evenly spread over the text; all of them without.

    Raises:
        ConfigError: no window fits, or nothing is asked for.
    """
    count = len(text) - length
    if length < 1 or count < 1 or (most is not None and most < 1):
        raise ConfigError(
            f"expected a text of more than {length} characters and at least one window, "
            f"got {len(text)}"
        )
    codes = encoded(text)
    taken = count if most is None else min(most, count)
    starts = torch.from_numpy(np.arange(taken, dtype=np.int64) * count // taken)
    places = starts[:, None] + torch.arange(length)
    return TensorDataset(codes[places], codes[starts + length])
