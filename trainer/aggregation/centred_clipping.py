"""Centred clipping.

Karimireddy, He, Jaggi: "Learning from History for Byzantine Robust Optimization", ICML 2021. Each
update moves the centre by no more than a radius. The centre begins at no change at all; a server
momentum (`trainer.strategies.fedavgm`) gives the history that the paper's bound asks for.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.geometry import distances_from
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.update_matrix import UpdateMatrix

__all__ = ["CentredClipping"]


@final
@dataclass(frozen=True)
class CentredClipping(RobustRule):
    """Moves a centre by the mean of clipped differences, some times.

    Args:
        radius: in steps of the lattice; 0: the median of the updates' distances, each time.
        iterations: at least 1.

    Raises:
        ConfigError: out of range.
    """

    radius: int = 0
    iterations: int = 3

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if self.radius < 0 or self.iterations < 1:
            raise ConfigError(
                "centred_clipping: expected a radius of at least 0 and iterations of at least 1, "
                f"got {self.radius} and {self.iterations}"
            )

    @property
    def name(self) -> str:
        """Returns "centred_clipping"."""
        return "centred_clipping"

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the centre that the iterations come to."""
        centre, kept, unit = [0] * rows.count, [1.0] * rows.count, rows.unit
        away: list[float] = []
        for _ in range(self.iterations):
            away = distances_from(rows.gram, centre, unit)
            radius = self.radius * rows.scale if self.radius else median(away)
            kept = [min(1.0, radius / far) if far else 1.0 for far in away]
            moved = [round(part / rows.count * unit) for part in kept]
            stays = unit - sum(moved)
            centre = [m + c * stays // unit for m, c in zip(moved, centre, strict=True)]
        return Decision(
            rows.weighted(centre, unit),
            shares=[10**9 * factor // unit for factor in centre],
            figures={"distance": away, "kept": kept},
        )
