"""FLTrust in plain numbers: Cao et al., NDSS 2021."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fltrust(rows: Floats, trusted: int) -> Floats:
    """Cao et al., from its definition."""
    lengths = np.linalg.norm(rows, axis=1)
    trust = np.maximum(rows @ rows[trusted] / lengths / lengths[trusted], 0)
    trust[trusted] = 0
    scaled = rows * (lengths[trusted] / lengths)[:, None]
    mean: Floats = (trust[:, None] * scaled).sum(0) / trust.sum()
    return mean
