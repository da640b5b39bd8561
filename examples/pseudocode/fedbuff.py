"""FedBuff in plain numbers: Nguyen et al., AISTATS 2022."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fedbuff(base: Floats, deltas: Floats, staleness: Floats, learning_rate: float = 1) -> Floats:
    """One full buffer: deltas of shape (K, n), how many versions old each is."""
    discounted = deltas / np.sqrt(1 + staleness)[:, None]
    moved: Floats = base + learning_rate * discounted.mean(0)
    return moved
