"""Bulyan over Krum.

El Mhamdi, Guerraoui, Rouault: "The Hidden Vulnerability of Distributed Learning in Byzantium",
ICML 2018. Bears `byzantine` of `n ≥ 4 · byzantine + 3` updates. Krum picks one update after
another; of the picked ones each value is the mean of those nearest the median.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import squared_distances
from trainer.aggregation.krum import krum_scores
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["Bulyan"]


@final
@dataclass(frozen=True)
class Bulyan(RobustRule):
    """Selects `n − 2f` updates by Krum, then averages the `n − 4f` values nearest the median.

    Args:
        byzantine: f, at least 1.

    Raises:
        ConfigError: below 1.
    """

    byzantine: int = 1

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.byzantine < 1:
            raise ConfigError(f"bulyan: expected byzantine of at least 1, got {self.byzantine}")

    @property
    def name(self) -> str:
        """Returns "bulyan"."""
        return "bulyan"

    @property
    def min_updates(self) -> int:
        """Returns 4f + 3."""
        return 4 * self.byzantine + 3

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the mean of the values nearest the median of the selected rows."""
        count, byzantine = rows.count, self.byzantine
        require(self.name, count, 4 * byzantine + 3, f"byzantine {byzantine}")
        distances = squared_distances(rows.gram)
        picked = self._picked(distances, count - 2 * byzantine)
        return Decision(
            rows.nearest(sorted(picked), count - 4 * byzantine),
            {row: "not picked by Krum" for row in range(count) if row not in picked},
            figures={"picked": [float(row in picked) for row in range(count)]},
        )

    def _picked(self, distances: Sequence[Sequence[int]], wanted: int) -> list[int]:
        left = list(range(len(distances)))
        picked: list[int] = []
        while len(picked) < wanted:
            scores = krum_scores(distances, left, self.byzantine)
            best = min(left, key=lambda row: (scores[row], row))
            left.remove(best)
            picked.append(best)
        return picked
