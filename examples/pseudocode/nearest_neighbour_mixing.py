"""Nearest-neighbour mixing in plain numbers: Allouah et al., AISTATS 2023."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def nearest_neighbour_mixing(rows: Floats, byzantine: int) -> Floats:
    """Allouah et al., from its definition."""
    far = ((rows[:, None] - rows[None]) ** 2).sum(-1)
    nearest = np.argsort(far, axis=1, kind="stable")[:, : len(rows) - byzantine]
    mixed: Floats = rows[nearest].mean(1)
    return mixed
