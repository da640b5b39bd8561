"""FedBuff: asynchronous rounds over a buffer, where late updates count less.

Nguyen, Malik, Zhan, Yousefpour, Rabbat, Malek, Huba: "Federated Learning with Buffered
Asynchronous Aggregation", AISTATS 2022: `x ← x + η/K · Σ s(τᵢ) Δᵢ` with `s(τ) = 1/√(1 + τ)`, as
soon as K updates are there. Here the buffer is a round of K seats: it moves on when they are taken,
and who comes later, or trained from an older version, takes a seat of the next one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import ClassVar, final

from registry.errors import ConfigError
from trainer.plan.decimals import decimal
from trainer.plan.training_plan import Declared, LocalPlan
from trainer.strategies.base import ServerMemory
from trainer.strategies.client_needs import ClientNeeds
from trainer.strategies.server_step import ServerOptimizer
from trainer.strategies.weighting import UpdateWeights, WeightingScheme
from trainer.types import AcceptedUpdate, FloatVector, Lattice

__all__ = ["FRESH", "ByStaleness", "FedBuff", "staleness_weight"]

FRESH = 1_024
"""The weight of an update that was trained from the base version itself."""


def staleness_weight(staleness: int) -> int:
    """Returns ⌊1024/√(1 + τ)⌋, at least 1.

    Args:
        staleness: τ, how many versions lie between what was trained from and the base.
    """
    return max(1, isqrt(FRESH * FRESH // (1 + staleness)))


@final
@dataclass(frozen=True)
class ByStaleness:
    """By what participants declare of their own staleness."""

    declares: Declared = "staleness"
    needs_mean: bool = True

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns the declared weights, none above a fresh one's, and the factor `Σ s(τᵢ) / K`."""
        weights = [min(update.weight, FRESH) for update in updates]
        return UpdateWeights(weights, Fraction(sum(weights), FRESH * len(weights)))


@final
@dataclass(frozen=True)
class FedBuff(ServerOptimizer):
    """new = base + η·Δ, where Δ shrinks with the updates' staleness.

    Args:
        learning_rate: η, 0 to 1000.
        largest_staleness: an update that was trained from further back is thrown away by its
            participant, who trains anew; a natural number up to 1000.

    Raises:
        ConfigError: out of range.
    """

    client_needs: ClassVar[ClientNeeds] = ClientNeeds(buffers=True)

    learning_rate: str = "1"
    largest_staleness: str = "10"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        decimal("fedbuff: learning_rate", self.learning_rate, 0, 1000)
        found = decimal("fedbuff: largest_staleness", self.largest_staleness, 0, 1000)
        if not found.is_integer():
            raise ConfigError(
                "fedbuff: expected largest_staleness to be a natural number, "
                f"got {self.largest_staleness}"
            )

    @property
    def name(self) -> str:
        """Returns "fedbuff"."""
        return "fedbuff"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns the declared staleness."""
        return ByStaleness()

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns η·Δ."""
        return float(self.learning_rate) * delta, {}
