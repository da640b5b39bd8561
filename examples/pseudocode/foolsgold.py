"""FoolsGold in plain numbers: Fung et al., RAID 2020, algorithm 1, over one round's updates."""

from __future__ import annotations

from math import log

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def foolsgold(rows: Floats) -> Floats:
    """The mean, weighed by how little each row is like any other."""
    count = len(rows)
    alike = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = alike @ alike.T
    np.fill_diagonal(cosines, -np.inf)
    most = np.maximum(cosines.max(1), 0.0)
    for i in range(count):
        for j in range(count):
            if i != j and most[j] > most[i] and most[j] > 0:
                cosines[i, j] *= most[i] / most[j]  # pardoning
    weights = np.clip(1 - cosines.max(1), 0, 1)
    weights = weights / weights.max()
    weights = np.array([logit(min(weight, 0.99)) for weight in weights])
    mean: Floats = (weights[:, None] * rows).sum(0) / weights.sum()
    return mean


def logit(weight: float) -> float:
    """Spreads the weights, and keeps them from 0 to 1."""
    return min(max(log(weight / (1 - weight)) + 0.5, 0.0), 1.0) if weight > 0 else 0.0
