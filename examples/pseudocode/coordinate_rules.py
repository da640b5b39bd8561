"""Coordinate median and trimmed mean in plain numbers: Yin et al., ICML 2018."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def median(rows: Floats) -> Floats:
    """The middle of each column; of an even number the mean of the two in the middle."""
    ordered = np.sort(rows, axis=0)
    half = len(rows) // 2
    middle: Floats = (ordered[half] + ordered[-1 - half]) / 2
    return middle


def trimmed_mean(rows: Floats, trim: int) -> Floats:
    """Each column's mean without its `trim` least and `trim` largest."""
    kept: Floats = np.sort(rows, axis=0)[trim : len(rows) - trim].mean(0)
    return kept
