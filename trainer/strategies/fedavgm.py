"""Federated averaging with server momentum.

Hsu, Qi, Brown: "Measuring the Effects of Non-Identical Data Distribution for Federated Visual
Classification" (2019).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory
from trainer.strategies.server_step import ServerOptimizer
from trainer.types import FloatVector

__all__ = ["FedAvgM"]


@final
@dataclass(frozen=True)
class FedAvgM(ServerOptimizer):
    """v ← β·v + Δ; the base moves by η·v.

    Args:
        momentum: β, 0 to 1.
        learning_rate: η, 0 to 1000.

    Raises:
        ConfigError: out of range.
    """

    momentum: str = "0.9"
    learning_rate: str = "1"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal("fedavgm: momentum", self.momentum, 0, 1)
        decimal("fedavgm: learning_rate", self.learning_rate, 0, 1000)

    @property
    def name(self) -> str:
        """Returns "fedavgm"."""
        return "fedavgm"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns the momentum."""
        return ("momentum",)

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns η·v and v."""
        momentum = float(self.momentum) * memory["momentum"]
        momentum += delta
        return float(self.learning_rate) * momentum, {"momentum": momentum}
