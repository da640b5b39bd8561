"""The geometric median, by the smoothed Weiszfeld algorithm.

Pillutla, Kakade, Harchaoui: "Robust Aggregation for Federated Learning", IEEE Transactions on
Signal Processing 2022 (RFA). Bears fewer than half of Byzantine updates. Iterates on the updates'
multiples alone: every point is a mixture of updates, and its distances follow from exact inner
products.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import as_shares, distances_from
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.rows import Rows

__all__ = ["GeometricMedian"]

_LEAST = 1.0
"""A distance of less than one step counts as one: a point may lie on an update."""


@final
@dataclass(frozen=True)
class GeometricMedian(RobustRule):
    """The point whose distances to the updates have the least sum, after some iterations.

    Args:
        iterations: at least 1; a handful is enough (the paper takes 3).

    Raises:
        ConfigError: below 1.
    """

    iterations: int = 8

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.iterations < 1:
            raise ConfigError(
                f"geometric_median: expected iterations of at least 1, got {self.iterations}"
            )

    @property
    def name(self) -> str:
        """Returns "geometric_median"."""
        return "geometric_median"

    def decide(self, rows: Rows) -> Decision:
        """Returns the mixture that the iterations come to."""
        factors = as_shares([1.0] * rows.count, rows.unit)
        away: list[float] = []
        for _ in range(self.iterations):
            away = distances_from(rows.gram, factors, sum(factors))
            nearness = [1.0 / max(far, _LEAST * rows.scale) for far in away]
            factors = as_shares(nearness, rows.unit)
        total = sum(factors)
        return Decision(
            rows.weighted(factors, total),
            {row: "too far away to count" for row, factor in enumerate(factors) if not factor},
            [10**9 * factor // total for factor in factors],
            {"distance": away},
        )
