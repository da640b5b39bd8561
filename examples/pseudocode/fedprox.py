"""FedProx in plain numbers: Li et al., MLSys 2020, algorithm 2, for a linear classifier."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pseudocode.softmax_regression import gradient

Floats = npt.NDArray[np.float64]
Data = tuple[Floats, npt.NDArray[np.int64]]


def fedprox(base: Floats, data: list[Data], rate: float, steps: int, pull: float) -> Floats:
    """One round: everybody minimises its loss + μ/2 · ‖w − base‖²; the mean by examples follows."""
    total = sum(len(labels) for _, labels in data)
    mean = np.zeros_like(base)
    for inputs, labels in data:
        own = base
        for _ in range(steps):
            own = own - rate * (gradient(own, inputs, labels) + pull * (own - base))
        mean += len(labels) / total * own
    return mean
