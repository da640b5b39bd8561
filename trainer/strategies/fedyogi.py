"""Federated Yogi.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021, algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

import numpy as np

from trainer.plan.decimals import decimal
from trainer.strategies.adaptive import AdaptiveOptimizer
from trainer.types import FloatVector

__all__ = ["FedYogi"]


@final
@dataclass(frozen=True)
class FedYogi(AdaptiveOptimizer):
    """v ← v − (1 − β₂)·Δ²·sign(v − Δ²).

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
        """Returns "fedyogi"."""
        return "fedyogi"

    def second(self, before: FloatVector, square: FloatVector) -> FloatVector:
        """Returns the moment moved towards the square, however far it is."""
        signed = square * np.sign(before - square)
        moved: FloatVector = before - (1 - float(self.beta_2)) * signed
        return moved
