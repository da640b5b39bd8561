"""Federated Adam.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021, algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.plan.decimals import decimal
from trainer.strategies.adaptive import AdaptiveOptimizer
from trainer.types import FloatVector

__all__ = ["FedAdam"]


@final
@dataclass(frozen=True)
class FedAdam(AdaptiveOptimizer):
    """v ← β₂·v + (1 − β₂)·Δ².

    Args:
        beta_2: β₂, 0 to 1; the others are those of `AdaptiveOptimizer`.

    Raises:
        ConfigError: out of range.
    """

    beta_2: str = "0.99"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        super().__post_init__()
        decimal(f"{self.name}: beta_2", self.beta_2, 0, 1)

    @property
    def name(self) -> str:
        """Returns "fedadam"."""
        return "fedadam"

    def second(self, before: FloatVector, square: FloatVector) -> FloatVector:
        """Returns the moving mean of squares."""
        beta = float(self.beta_2)
        return beta * before + (1 - beta) * square
