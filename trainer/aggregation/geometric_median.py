"""The geometric median, by the smoothed Weiszfeld algorithm.

Pillutla, Kakade, Harchaoui: "Robust Aggregation for Federated Learning", IEEE Transactions on
Signal Processing 2022 (RFA). Bears fewer than half of Byzantine updates. Iterates on the updates'
multiples alone: every point is a mixture of updates, and its distances follow from exact inner
products.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import fsum
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import as_shares, distances_from, moved
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["GeometricMedian"]

_LEAST = 1.0
"""A distance of less than one step counts as one: a point may lie on an update."""
_BILLION = 10**9


@final
@dataclass(frozen=True)
class GeometricMedian(RobustRule):
    """The point whose distances to the updates have the least sum, to a stated tolerance.

    The sum is convex, and the least is no farther from a point than the farthest update is: so the
    sum there exceeds the least by at most the slope times that distance, and the iterations end
    when this is a part of the sum as small as `tolerance` says.

    Args:
        tolerance: that part, in billionths; at least 1.
        iterations: the most that are made, at least 1.

    Raises:
        ConfigError: below 1.
    """

    tolerance: int = 1_000
    iterations: int = 256

    def __post_init__(self) -> None:
        """Checks the ranges."""
        for name in ("tolerance", "iterations"):
            if getattr(self, name) < 1:
                raise ConfigError(
                    f"geometric_median: expected {name} of at least 1, got {getattr(self, name)}"
                )

    @property
    def name(self) -> str:
        """Returns "geometric_median"."""
        return "geometric_median"

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the mixture that the iterations come to."""
        factors, away = as_shares([1.0] * rows.count, rows.unit), [0.0] * rows.count
        for _ in range(self.iterations):
            away = distances_from(rows.gram, factors, sum(factors))
            nearness = [1.0 / max(far, _LEAST * rows.scale) for far in away]
            before, factors = factors, as_shares(nearness, rows.unit)
            # A step of the iteration is the slope over the sum of what is near.
            slope = moved(rows.gram, before, factors) * fsum(nearness)
            if slope * max(away) * _BILLION <= self.tolerance * fsum(away):
                break
        total = sum(factors)
        return Decision(
            rows.weighted(factors, total),
            {row: "too far away to count" for row, factor in enumerate(factors) if not factor},
            [10**9 * factor // total for factor in factors],
            {"distance": away},
        )
