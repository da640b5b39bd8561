"""Centred clipping in plain numbers: Karimireddy et al., ICML 2021."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def centred_clipping(rows: Floats, iterations: int = 3) -> Floats:
    """Karimireddy et al., from its definition."""
    centre = np.zeros(rows.shape[1])
    for _ in range(iterations):
        away = np.linalg.norm(rows - centre, axis=1)
        kept = np.minimum(1, np.median(away) / away)
        centre = centre + (kept[:, None] * (rows - centre)).mean(0)
    return centre
