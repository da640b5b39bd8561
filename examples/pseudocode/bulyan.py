"""Bulyan in plain numbers: El Mhamdi et al., ICML 2018."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pseudocode.krum import krum

Floats = npt.NDArray[np.float64]


def bulyan(rows: Floats, byzantine: int) -> Floats:
    """El Mhamdi et al., from its definition."""
    left, picked = list(rows), []
    for _ in range(len(rows) - 2 * byzantine):
        block = np.array(left)
        best = krum(block, byzantine)
        place = int(np.argmin(((block - best) ** 2).sum(1)))
        picked.append(left.pop(place))
    block = np.sort(picked, axis=0)  # of equally near values the lesser
    away = np.abs(block - np.median(block, axis=0))
    nearest = np.argsort(away, axis=0, kind="stable")[: len(rows) - 4 * byzantine]
    mean: Floats = np.take_along_axis(block, nearest, 0).mean(0)
    return mean
