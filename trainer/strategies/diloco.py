"""Many local steps, and Nesterov momentum between the rounds.

Douillard, Feng, Rusu, Chhaparia, Donchev, Kuncoro, Ranzato, Szlam, Shen: "DiLoCo: Distributed
Low-Communication Training of Language Models" (2023). What makes it DiLoCo on the participants'
side is a plan of many local steps; this is the outer optimizer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory
from trainer.strategies.server_step import ServerOptimizer
from trainer.types import FloatVector

__all__ = ["DiLoCo"]


@final
@dataclass(frozen=True)
class DiLoCo(ServerOptimizer):
    """v ← μ·v + Δ; the base moves by η·(Δ + μ·v).

    Args:
        momentum: μ, 0 to 1; the paper's best is 0.9.
        learning_rate: η, 0 to 1000; the paper's best is 0.7.

    Raises:
        ConfigError: out of range.
    """

    momentum: str = "0.9"
    learning_rate: str = "0.7"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal("diloco: momentum", self.momentum, 0, 1)
        decimal("diloco: learning_rate", self.learning_rate, 0, 1000)

    @property
    def name(self) -> str:
        """Returns "diloco"."""
        return "diloco"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns the momentum."""
        return ("momentum",)

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns η·(Δ + μ·v) and v."""
        momentum = float(self.momentum) * memory["momentum"]
        momentum += delta
        ahead = float(self.momentum) * momentum
        ahead += delta
        return float(self.learning_rate) * ahead, {"momentum": momentum}
