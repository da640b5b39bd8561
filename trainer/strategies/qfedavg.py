"""q-FedAvg: participants whom the model serves badly count more.

Li, Sanjabi, Beirami, Smith: "Fair Resource Allocation in Federated Learning", ICLR 2020,
algorithm 2. With F the loss of the base version on a participant's data, δ its update and L an
estimate of the loss's Lipschitz constant, the base moves by `Σ F^q δ / Σ (q F^(q−1) L ‖δ‖² + F^q)`.
At q = 0 that is the plain mean.

The paper takes the inverse of the local learning rate for L. After K local steps δ is about K times
longer than one step, so that a K-th of it bounds as well, and the larger one makes tiny steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import final

from registry.errors import ConfigError
from trainer.kernels import chosen
from trainer.plan.decimals import decimal
from trainer.plan.training_plan import Declared, LocalPlan
from trainer.strategies.base import ServerMemory
from trainer.strategies.server_step import ServerOptimizer
from trainer.strategies.weighting import UpdateWeights, WeightingScheme, scaled_to_integers
from trainer.types import AcceptedUpdate, FloatVector, Lattice

__all__ = ["ByLoss", "QFedAvg"]

_LARGEST_POWER = 10
# Losses are declared in thousandths of a nat.
_PARTS = 1_000


@final
@dataclass(frozen=True)
class ByLoss:
    """By F^q, with a factor that keeps the step as long as the paper's.

    Args:
        power: q, a natural number: then every weight is an exact fraction.
        lipschitz: L; None is the inverse of the plan's learning rate.
    """

    power: int
    lipschitz: Fraction | None = None
    declares: Declared = "loss"
    needs_mean: bool = True

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns weights of F^q, and the factor `Σ F^q / Σ (q F^(q−1) L ‖δ‖² + F^q)`."""
        losses = [Fraction(update.weight, _PARTS) for update in updates]
        wanted = [loss**self.power for loss in losses]
        below = sum(wanted, Fraction(0))
        if self.power:
            lipschitz = self.lipschitz or 1 / Fraction(plan.learning_rate)
            unit = Fraction(2) ** (2 * lattice.step_exponent)
            for loss, update in zip(losses, updates, strict=True):
                square = chosen().gram([update.vector])[0][0] * unit
                below += self.power * loss ** (self.power - 1) * lipschitz * square
        return UpdateWeights(scaled_to_integers(wanted), sum(wanted, Fraction(0)) / below)


@final
@dataclass(frozen=True)
class QFedAvg(ServerOptimizer):
    """new = base + Δ, with updates weighed by the base's loss on their data.

    Args:
        q: how much fairness counts, a natural number up to 10; 0 is the plain mean.
        lipschitz: L, above 0 and up to 1,000,000; empty is the inverse of the local learning rate.

    Raises:
        ConfigError: out of range.
    """

    q: str = "1"
    lipschitz: str = ""

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.lipschitz != "":
            decimal("qfedavg: lipschitz", self.lipschitz, 1e-18, 1_000_000)
        found = decimal("qfedavg: q", self.q, 0, _LARGEST_POWER)
        if not found.is_integer():
            raise ConfigError(f"qfedavg: expected q to be a natural number, got {self.q}")

    @property
    def name(self) -> str:
        """Returns "qfedavg"."""
        return "qfedavg"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns the losses to the power of q."""
        return ByLoss(int(float(self.q)), Fraction(self.lipschitz) if self.lipschitz else None)

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns Δ."""
        return delta, {}
