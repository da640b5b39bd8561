"""How updates count in a round's mean: integers that follow from what each of them declares.

A strategy that weighs updates its own way gives integer weights and one exact factor, so that the
aggregate stays A-1 and every machine finds the same step (A-8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Protocol

from trainer.plan.training_plan import Declared, LocalPlan
from trainer.types import AcceptedUpdate, Lattice

__all__ = [
    "PLAIN",
    "EqualCounts",
    "SampleCounts",
    "UpdateWeights",
    "WeightingScheme",
    "scaled_to_integers",
]

_LARGEST_WEIGHT = 1 << 20


@dataclass(frozen=True)
class UpdateWeights:
    """What updates weigh.

    Args:
        weights: one positive integer per update, in the order of the updates.
        scale: what the aggregate is multiplied by before it becomes a step.
    """

    weights: Sequence[int] = ()
    scale: Fraction = field(default_factory=lambda: Fraction(1))


PLAIN = UpdateWeights()
"""An aggregate that is taken as it is: that of a robust rule, which reads no weights."""


class WeightingScheme(Protocol):
    """Gives updates their weights."""

    @property
    def declares(self) -> Declared:
        """What the number that a participant signs beside its update says."""

    @property
    def needs_mean(self) -> bool:
        """Whether a rule that reads no weights would break the strategy."""

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns the weights of at least one update; a pure function (A-4)."""


@dataclass(frozen=True)
class SampleCounts:
    """By the declared number of examples, as federated averaging does."""

    declares: Declared = "examples"
    needs_mean: bool = False

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns what was declared."""
        return UpdateWeights([update.weight for update in updates])


@dataclass(frozen=True)
class EqualCounts:
    """Each update once, however many examples are behind it."""

    declares: Declared = "examples"
    needs_mean: bool = True

    def weigh(
        self, updates: Sequence[AcceptedUpdate], plan: LocalPlan, lattice: Lattice
    ) -> UpdateWeights:
        """Returns ones."""
        return UpdateWeights([1] * len(updates))


def scaled_to_integers(wanted: Sequence[Fraction]) -> list[int]:
    """Returns integer weights in the proportions of positive fractions.

    The largest becomes 2^20; the others are rounded half up, and none below 1. What is lost is at
    most a millionth of the largest.
    """
    largest = max(wanted)
    return [
        max(1, (2 * _LARGEST_WEIGHT * value / largest + 1).__floor__() // 2) for value in wanted
    ]
