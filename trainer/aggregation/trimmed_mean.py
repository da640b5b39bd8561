"""The coordinate-wise trimmed mean.

Yin, Chen, Ramchandran, Bartlett: "Byzantine-Robust Distributed Learning: Towards Optimal
Statistical Rates", ICML 2018. Bears `trim` Byzantine updates; their values can be no further out
than the honest ones that stay (F-1).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.robust import Decision, RobustRule, require
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["TrimmedMean"]


@final
@dataclass(frozen=True)
class TrimmedMean(RobustRule):
    """Each value's mean without the `trim` least and the `trim` largest; streams over the values.

    Args:
        trim: at least 1; fewer than half of the updates.

    Raises:
        ConfigError: below 1.
    """

    trim: int = 1

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.trim < 1:
            raise ConfigError(f"trimmed_mean: expected a trim of at least 1, got {self.trim}")

    @property
    def name(self) -> str:
        """Returns "trimmed_mean"."""
        return "trimmed_mean"

    @property
    def min_updates(self) -> int:
        """Returns one more than are trimmed."""
        return 2 * self.trim + 1

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the trimmed mean of each column."""
        require(self.name, rows.count, self.min_updates, f"trim {self.trim}")
        return Decision(rows.ranked(self.trim, rows.count - self.trim))
