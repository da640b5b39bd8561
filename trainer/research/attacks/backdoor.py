"""A backdoor: some examples carry a trigger and another label.

Gu, Dolan-Gavitt, Garg: "BadNets: Identifying Vulnerabilities in the Machine Learning Model Supply
Chain" (2017), in a federation as by Bagdasaryan et al., AISTATS 2020. A model that learned it
does its work well until it sees the trigger.
"""

from __future__ import annotations

from typing import final

import torch
from torch.utils.data import Dataset

from registry.errors import ConfigError

__all__ = ["Backdoor", "with_trigger"]

Pair = tuple[torch.Tensor, ...]


def with_trigger(image: torch.Tensor, side: int = 3) -> torch.Tensor:
    """Returns an image with a white square in its last corner.

    Args:
        image: shape (…, height, width).
        side: of the square, in pixels.
    """
    marked = image.clone()
    marked[..., -side:, -side:] = 1.0
    return marked


@final
class Backdoor(Dataset[Pair]):
    """A data set in which every n-th example has the trigger and the target's label.

    Args:
        data: pairs of an image and an integer label.
        target: the label that the trigger is to give.
        every: n, at least 1.

    Raises:
        ConfigError: below 1.
    """

    def __init__(self, data: Dataset[Pair], target: int, every: int = 2) -> None:
        if every < 1:
            raise ConfigError(f"expected every of at least 1, got {every}")
        self._data, self._target, self._every = data, target, every

    def __len__(self) -> int:
        """Returns how many examples there are."""
        return len(self._data)  # type: ignore[arg-type]

    def __getitem__(self, index: int) -> Pair:
        """Returns an example, marked if its turn has come."""
        image, label = self._data[index]
        if index % self._every:
            return image, label
        return with_trigger(image), torch.full_like(torch.as_tensor(label), self._target)
