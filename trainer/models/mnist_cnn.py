"""The convolutional network of the federated MNIST recipe."""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["MnistCnn"]


class MnistCnn(nn.Module):
    """Two 3×3 convolutions with pooling, two dense layers: 225,034 parameters.

    Images of 28 × 28 become 26, 13, 11 and 5 wide, so 64 · 5 · 5 = 1,600 values enter the first
    dense layer.

    Args:
        seed: of the initial weights; the caller's generator is left as it was.
    """

    def __init__(self, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.conv1 = nn.Conv2d(1, 32, kernel_size=3)
            self.conv2 = nn.Conv2d(32, 64, kernel_size=3)
            self.fc1 = nn.Linear(1_600, 128)
            self.fc2 = nn.Linear(128, 10)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        """Returns logits, shape (batch, 10), of images of shape (batch, 1, 28, 28)."""
        features = nn.functional.max_pool2d(torch.relu(self.conv1(images)), 2)
        features = nn.functional.max_pool2d(torch.relu(self.conv2(features)), 2)
        hidden = torch.relu(self.fc1(torch.flatten(features, 1)))
        logits: torch.Tensor = self.fc2(hidden)
        return logits
