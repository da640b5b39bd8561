"""Federated Adagrad.

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

__all__ = ["FedAdagrad"]

Vector = npt.NDArray[np.float64]


@final
@dataclass(frozen=True)
class FedAdagrad(ServerOptimizer):
    """m ← β₁·m + (1 − β₁)·Δ; v ← v + Δ²; the base moves by η·m / (√v + τ).

    Args:
        learning_rate: η, 0 to 1000.
        beta_1: β₁, 0 to 1.
        tau: τ, above 0: how far the step adapts.

    Raises:
        ConfigError: out of range.
    """

    learning_rate: str = "0.1"
    beta_1: str = "0.9"
    tau: str = "0.001"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal("fedadagrad: learning_rate", self.learning_rate, 0, 1000)
        decimal("fedadagrad: beta_1", self.beta_1, 0, 1)
        decimal("fedadagrad: tau", self.tau, 1e-18, 1000)

    @property
    def name(self) -> str:
        """Returns "fedadagrad"."""
        return "fedadagrad"

    @property
    def keeps(self) -> tuple[str, ...]:
        """Returns both moments."""
        return ("mean", "second")

    def step(self, memory: Memory, delta: Vector) -> tuple[Vector, dict[str, Vector]]:
        """Returns the step and the moments."""
        mean = float(self.beta_1) * memory["mean"] + (1 - float(self.beta_1)) * delta
        square = delta * delta
        second = memory["second"] + square
        step = float(self.learning_rate) * mean / (np.sqrt(second) + float(self.tau))
        return step, {"mean": mean, "second": second}
