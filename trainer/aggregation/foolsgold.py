"""FoolsGold: updates that are too alike share one vote.

Fung, Yoon, Beschastnikh: "The Limitations of Federated Learning in Sybil Settings", RAID 2020,
algorithm 1. Bears Sybils that push together; one attacker alone it doesn't see. Similarity is
taken of one round's updates: what a participant did in earlier rounds isn't looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import final

from trainer.aggregation.geometry import as_shares, norm
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["FoolsGold"]

_SURE = 0.99
"""The most that a row counts before the logit: one has none."""


@final
@dataclass(frozen=True)
class FoolsGold(RobustRule):
    """The mean of the updates, weighed by how little each is like any other."""

    @property
    def name(self) -> str:
        """Returns "foolsgold"."""
        return "foolsgold"

    @property
    def min_updates(self) -> int:
        """Returns 2: to compare."""
        return 2

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the weighed mean; the plain one, if all are equally alike."""
        require(self.name, rows.count, self.min_updates, "to compare")
        parts = _logits(_pardoned(_cosines(rows)))
        factors = as_shares(parts if any(parts) else [1.0] * rows.count, rows.unit)
        total = sum(factors)
        return Decision(
            rows.weighted(factors, total),
            {row: "too much like another" for row, factor in enumerate(factors) if not factor},
            [10**9 * factor // total for factor in factors],
            {"weight": parts},
        )


def _cosines(rows: UpdateMatrix) -> list[list[float]]:
    size = range(rows.count)
    lengths = [norm(rows.gram, row) for row in size]
    return [
        [
            rows.gram[i][j] / (lengths[i] * lengths[j])
            if i != j and lengths[i] and lengths[j]
            else 0.0
            for j in size
        ]
        for i in size
    ]


def _pardoned(cosines: list[list[float]]) -> list[float]:
    """Returns 1 less the largest similarity, honest look-alikes pardoned."""
    size = range(len(cosines))
    most = [max(row) for row in cosines]
    return [
        1.0
        - max(
            cosines[i][j] * (most[i] / most[j] if most[j] > most[i] and most[j] > 0 else 1.0)
            for j in size
            if j != i
        )
        for i in size
    ]


def _logits(parts: list[float]) -> list[float]:
    bounded = [min(max(part, 0.0), 1.0) for part in parts]
    top = max(bounded)
    if top == 0:
        return bounded
    scaled = [min(part / top, _SURE) for part in bounded]
    return [min(max(log(p / (1 - p)) + 0.5, 0.0), 1.0) if p else 0.0 for p in scaled]
