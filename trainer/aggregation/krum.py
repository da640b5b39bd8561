"""Krum and Multi-Krum.

Blanchard, El Mhamdi, Guerraoui, Stainer: "Machine Learning with Adversaries: Byzantine Tolerant
Gradient Descent", NeurIPS 2017. Bears `byzantine` of `n ≥ 2 · byzantine + 3` updates. Distances are
exact integers, so no cancellation picks another update than the nearest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import squared_distances
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["Krum", "krum_scores"]


def krum_scores(
    distances: Sequence[Sequence[int]], rows: Sequence[int], byzantine: int
) -> dict[int, int]:
    """Returns each row's sum of squared distances to its nearest others.

    Args:
        distances: squared, of all pairs.
        rows: the rows that are left.
        byzantine: how many may be; so many and two more are left out of each sum.
    """
    nearest = max(len(rows) - byzantine - 2, 1)
    return {
        row: sum(sorted(distances[row][other] for other in rows if other != row)[:nearest])
        for row in rows
    }


@final
@dataclass(frozen=True)
class Krum(RobustRule):
    """The mean of the `keep` updates that lie nearest to their neighbours; 1 is Krum itself.

    Args:
        byzantine: how many updates may be, at least 0.
        keep: how many are averaged, at least 1; of equal scores the first one.

    Raises:
        ConfigError: out of range.
    """

    byzantine: int = 1
    keep: int = 1

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.byzantine < 0 or self.keep < 1:
            raise ConfigError(
                f"krum: expected byzantine of at least 0 and keep of at least 1, "
                f"got {self.byzantine} and {self.keep}"
            )

    @property
    def name(self) -> str:
        """Returns "krum", whatever is kept."""
        return "krum"

    @property
    def min_updates(self) -> int:
        """Returns 2f + 3, and as many honest ones as are kept."""
        return max(2 * self.byzantine + 3, self.byzantine + self.keep)

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the mean of the rows with the least scores."""
        require(
            self.name, rows.count, self.min_updates, f"byzantine {self.byzantine}, keep {self.keep}"
        )
        every = range(rows.count)
        scores = krum_scores(squared_distances(rows.gram), every, self.byzantine)
        kept = set(sorted(every, key=lambda row: (scores[row], row))[: self.keep])
        factors = [int(row in kept) for row in every]
        return Decision(
            rows.weighted(factors, self.keep),
            {row: "farther from its neighbours" for row in every if row not in kept},
            [10**9 * factor // self.keep for factor in factors],
            {"score": [float(scores[row]) for row in every]},
        )
