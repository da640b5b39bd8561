"""FedNova: normalised averaging, so that who takes more steps doesn't pull further.

Wang, Liu, Liang, Joshi, Poor: "Tackling the Objective Inconsistency Problem in Heterogeneous
Federated Optimization", NeurIPS 2020, for plain SGD: `x ← x + τ_eff · Σ pᵢ Δᵢ/τᵢ` with
`τ_eff = Σ pᵢ τᵢ`, where pᵢ is a participant's part of all examples and τᵢ its number of steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, final

from trainer.plan.training_plan import Declared, LocalPlan
from trainer.strategies.base import ServerMemory
from trainer.strategies.client_needs import ClientNeeds
from trainer.strategies.server_step import ServerOptimizer
from trainer.strategies.weighting import UpdateWeights, WeightingScheme, scaled_to_integers
from trainer.types import AcceptedUpdate, FloatVector, Lattice

__all__ = ["FedNova", "PerStep"]


@final
@dataclass(frozen=True)
class PerStep:
    """By examples per step: wᵢ/τᵢ, with τᵢ from the plan and the declared examples."""

    declares: Declared = "examples"
    needs_mean: bool = True

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns weights of wᵢ/τᵢ, and the factor `τ_eff · Σ pᵢ/τᵢ`."""
        examples = [update.weight for update in updates]
        steps = [plan.steps_over(count) for count in examples]
        per_step = [Fraction(w, t) for w, t in zip(examples, steps, strict=True)]
        effective = sum(w * t for w, t in zip(examples, steps, strict=True))
        scale = effective * sum(per_step, Fraction(0)) / sum(examples) ** 2
        return UpdateWeights(scaled_to_integers(per_step), scale)


@final
@dataclass(frozen=True)
class FedNova(ServerOptimizer):
    """new = base + Δ, with updates weighed per step."""

    client_needs: ClassVar[ClientNeeds] = ClientNeeds(
        plain_sgd="it divides by the steps of plain SGD"
    )

    @property
    def name(self) -> str:
        """Returns "fednova"."""
        return "fednova"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns examples per step."""
        return PerStep()

    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns Δ."""
        return delta, {}
