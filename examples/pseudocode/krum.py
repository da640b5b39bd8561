"""Krum and Multi-Krum in plain numbers: Blanchard et al., NeurIPS 2017."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def krum(rows: Floats, byzantine: int, keep: int = 1) -> Floats:
    """Blanchard et al., from its definition."""
    far = ((rows[:, None] - rows[None]) ** 2).sum(-1)
    nearest = max(len(rows) - byzantine - 2, 1)
    scores = np.sort(far, axis=1)[:, 1 : nearest + 1].sum(1)
    kept = np.argsort(scores, kind="stable")[:keep]
    mean: Floats = rows[kept].mean(0)
    return mean
