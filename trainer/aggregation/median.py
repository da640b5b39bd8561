"""The coordinate median.

Yin, Chen, Ramchandran, Bartlett: "Byzantine-Robust Distributed Learning: Towards Optimal
Statistical Rates", ICML 2018. Bears fewer than half of Byzantine updates in every coordinate. Of
an even number it is the mean of the middle two (F-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["Median"]


@final
@dataclass(frozen=True)
class Median(RobustRule):
    """Each value's median over the updates; streams over the values."""

    @property
    def name(self) -> str:
        """Returns "median"."""
        return "median"

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the median of each column."""
        return Decision(rows.ranked((rows.count - 1) // 2, rows.count // 2 + 1))
