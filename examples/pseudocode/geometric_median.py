"""The geometric median in plain numbers: Pillutla et al., 2022, smoothed Weiszfeld steps."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def geometric_median(rows: Floats, iterations: int = 2_000) -> Floats:
    """Pillutla et al., from its definition, until nothing moves any more."""
    point: Floats = rows.mean(0)
    for _ in range(iterations):
        weights = 1 / np.maximum(np.linalg.norm(rows - point, axis=1), 1.0)
        point = (weights[:, None] * rows).sum(0) / weights.sum()
    return point
