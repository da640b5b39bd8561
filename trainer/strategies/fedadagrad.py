"""Federated Adagrad.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021, algorithm 2.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.strategies.adaptive import AdaptiveOptimizer
from trainer.types import FloatVector

__all__ = ["FedAdagrad"]


@final
@dataclass(frozen=True)
class FedAdagrad(AdaptiveOptimizer):
    """v ← v + Δ²."""

    learning_rate: str = "0.1"

    @property
    def name(self) -> str:
        """Returns "fedadagrad"."""
        return "fedadagrad"

    def second(self, before: FloatVector, square: FloatVector) -> FloatVector:
        """Returns the sum of all squares so far."""
        return before + square
