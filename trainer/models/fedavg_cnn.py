"""The MNIST network of federated averaging's paper.

McMahan et al. (2017), section 3: two 5×5 convolutions with 32 and 64 channels, each followed by 2×2
max pooling, a dense layer of 512 and the output: 1,663,370 parameters.
"""

from __future__ import annotations

import torch

__all__ = ["FedAvgCnn"]


class FedAvgCnn(torch.nn.Sequential):
    """Logits of 10 classes, shape (batch, 10), from images of shape (batch, 1, 28, 28)."""

    def __init__(self) -> None:
        super().__init__(
            torch.nn.Conv2d(1, 32, 5, padding=2),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(32, 64, 5, padding=2),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(3136, 512),
            torch.nn.ReLU(),
            torch.nn.Linear(512, 10),
        )
