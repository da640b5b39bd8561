"""The mean of clipped updates.

Sun, Kairouz, Suresh, McMahan: "Can You Really Backdoor Federated Learning?" (2019). An update
that is longer than the bound counts with the bound's length. It bounds what one participant can
do (T-31); it bears no share of Byzantine ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import norm
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["NormClipping"]


@final
@dataclass(frozen=True)
class NormClipping(RobustRule):
    """The mean of updates, each shortened to the bound.

    Args:
        bound: in steps of the lattice; 0: the median of the updates' lengths.

    Raises:
        ConfigError: below 0.
    """

    bound: int = 0

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.bound < 0:
            raise ConfigError(f"norm_clipping: expected a bound of at least 0, got {self.bound}")

    @property
    def name(self) -> str:
        """Returns "norm_clipping"."""
        return "norm_clipping"

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the mean of the shortened rows."""
        lengths = [norm(rows.gram, row) for row in range(rows.count)]
        bound = self.bound * rows.scale if self.bound else median(lengths)
        kept = [min(1.0, bound / length) if length else 1.0 for length in lengths]
        factors = [round(part * rows.unit) for part in kept]
        whole = rows.unit * rows.count
        return Decision(
            rows.weighted(factors, whole),
            shares=[10**9 * factor // whole for factor in factors],
            figures={"length": lengths, "kept": kept},
        )
