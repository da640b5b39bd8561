"""Data that only a model of one's own fits: two participants, opposite labels."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch.utils.data import TensorDataset

from trainer.plan.training_plan import LocalPlan

Made = Callable[..., torch.nn.Module]


class BodyAndHead(torch.nn.Module):
    """4 inputs, 8 hidden values, 2 classes."""

    def __init__(self, seed: int = 1) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = torch.nn.Linear(4, 8)
            self.head = torch.nn.Linear(8, 2)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        """Returns logits, shape (batch, 2)."""
        logits: torch.Tensor = self.head(torch.relu(self.body(points)))
        return logits


@pytest.fixture
def made() -> Made:
    """Makes the classifier; equal seeds give equal ones."""
    return BodyAndHead


@pytest.fixture
def points() -> Callable[..., TensorDataset]:
    """Makes points whose label is the sign of their first coordinate, or its opposite."""

    def points(seed: int, opposite: bool = False, count: int = 100) -> TensorDataset:
        found = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
        labels = (found[:, 0] > 0).long()
        return TensorDataset(found, 1 - labels if opposite else labels)

    return points


@pytest.fixture
def plan() -> LocalPlan:
    """Enough to learn a sign."""
    return LocalPlan(epochs=3, batch_size=10, optimizer="sgd", learning_rate="0.2", seed=4)
