"""Min-Max: as far from the honest mean as two honest updates are from each other.

Shejwalkar, Houmansadr: "Manipulating the Byzantine: Optimizing Model Poisoning Attacks and
Defenses for Federated Learning", NDSS 2021, algorithm 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from registry.errors import ConfigError
from trainer.types import FloatVector

__all__ = ["min_max"]


def min_max(honest: Sequence[FloatVector], halvings: int = 20) -> FloatVector:
    """Returns the update that every colluder sends, shape (n,).

    It lies against the direction of the honest mean, so far out that its largest distance to an
    honest update is still the largest between two of them.

    Args:
        honest: at least two honest updates, shape (n,) each; the attack knows them all.
        halvings: of the interval in which the factor is looked for.

    Raises:
        ConfigError: fewer than two.
    """
    if len(honest) < 2:
        raise ConfigError(f"min_max: expected at least 2 honest updates, got {len(honest)}")
    rows = np.array(honest)
    mean = rows.mean(0)
    length = float(np.linalg.norm(mean))
    way = -mean / length if length else np.zeros_like(mean)
    allowed = max(float(np.linalg.norm(rows - row, axis=1).max()) for row in rows)

    def fits(factor: float) -> bool:
        return float(np.linalg.norm(rows - (mean + factor * way), axis=1).max()) <= allowed

    low, high = 0.0, 2 * allowed
    for _ in range(halvings):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    found: FloatVector = mean + low * way
    return found
