"""Federated Adam.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021, algorithm 2. Moments begin at zero and aren't corrected for it, as in the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np
import numpy.typing as npt

from trainer.strategies.base import Memory
from trainer.strategies.decimals import decimal
from trainer.strategies.server_step import ServerOptimizer

__all__ = ["FedAdam"]

Vector = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class FedAdam(ServerOptimizer):
    """m ← β₁·m + (1 − β₁)·Δ; v ← β₂·v + (1 − β₂)·Δ²; the base moves by η·m / (√v + τ).

    Args:
        learning_rate: η, 0 to 1000.
        beta_1: β₁, 0 to 1.
        beta_2: β₂, 0 to 1.
        tau: τ, above 0: how far the step adapts.

    Raises:
        ConfigError: out of range.
    """

    learning_rate: str = "0.01"
    beta_1: str = "0.9"
    beta_2: str = "0.99"
    tau: str = "0.001"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal("fedadam: learning_rate", self.learning_rate, 0, 1000)
        decimal("fedadam: beta_1", self.beta_1, 0, 1)
        decimal("fedadam: beta_2", self.beta_2, 0, 1)
        decimal("fedadam: tau", self.tau, 1e-18, 1000)

    @property
    def name(self) -> str:
        """Returns "fedadam"."""
        return "fedadam"

    @property
    def keeps(self) -> tuple[str, ...]:
        """Returns both moments."""
        return ("mean", "second")

    def step(self, memory: Memory, delta: Vector) -> tuple[Vector, dict[str, Vector]]:
        """Returns the step and the moments."""
        mean = float(self.beta_1) * memory["mean"] + (1 - float(self.beta_1)) * delta
        square = delta * delta
        beta = float(self.beta_2)
        second = beta * memory["second"] + (1 - beta) * square
        step = float(self.learning_rate) * mean / (np.sqrt(second) + float(self.tau))
        return step, {"mean": mean, "second": second}
