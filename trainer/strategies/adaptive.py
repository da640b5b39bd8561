"""What the adaptive strategies have in common: two moments, one over the root of the other.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021, algorithm 2. Moments begin at zero and aren't corrected for it, as in the paper. How the
second moment follows the squares is all that sets them apart.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np

from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory
from trainer.strategies.server_step import ServerOptimizer
from trainer.types import FloatVector

__all__ = ["AdaptiveOptimizer", "FloatVector"]


@dataclass(frozen=True)
class AdaptiveOptimizer(ServerOptimizer):
    """m ← β₁·m + (1 − β₁)·Δ; v by the strategy; the base moves by η·m / (√v + τ).

    Args:
        learning_rate: η, 0 to 1000.
        beta_1: β₁, 0 to 1.
        tau: τ, above 0: how far the step adapts.

    Raises:
        ConfigError: out of range.
    """

    learning_rate: str = "0.01"
    beta_1: str = "0.9"
    tau: str = "0.001"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal(f"{self.name}: learning_rate", self.learning_rate, 0, 1000)
        decimal(f"{self.name}: beta_1", self.beta_1, 0, 1)
        decimal(f"{self.name}: tau", self.tau, 1e-18, 1000)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns both moments."""
        return ("mean", "second")

    @property
    def squares(self) -> tuple[str, ...]:
        """Returns the second moment."""
        return ("second",)

    @abstractmethod
    def second(self, before: FloatVector, square: FloatVector) -> FloatVector:
        """Returns the second moment after a round, by the one before and Δ²."""

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns the step and the moments."""
        mean = float(self.beta_1) * memory["mean"] + (1 - float(self.beta_1)) * delta
        second = self.second(memory["second"], delta * delta)
        step = float(self.learning_rate) * mean / (np.sqrt(second) + float(self.tau))
        return step, {"mean": mean, "second": second}
