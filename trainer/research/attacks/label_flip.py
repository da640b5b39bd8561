"""Label flipping: honest training on data with wrong labels.

Tolpegin, Truex, Gursoy, Liu: "Data Poisoning Attacks Against Federated Learning Systems", ESORICS
2020; here class `c` becomes `classes − 1 − c`, as in Fang et al., USENIX Security 2020.
"""

from __future__ import annotations

from typing import final

import torch
from torch.utils.data import Dataset

__all__ = ["LabelFlip"]

Pair = tuple[torch.Tensor, ...]


@final
class LabelFlip(Dataset[Pair]):
    """A data set with its classes in reverse.

    Args:
        data: pairs of an input and an integer label.
        classes: how many there are.
    """

    def __init__(self, data: Dataset[Pair], classes: int) -> None:
        self._data, self._classes = data, classes

    def __len__(self) -> int:
        """Returns how many examples there are."""
        return len(self._data)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Pair:
        """Returns an example with its label turned round."""
        inputs, label = self._data[index]
        return inputs, self._classes - 1 - label
