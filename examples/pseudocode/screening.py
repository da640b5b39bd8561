"""Screening in plain numbers: Xie et al., ICML 2019, with a tolerance instead of a rank."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def screening(
    base: Floats, rows: Floats, loss: Callable[[Floats], float], tolerance: float
) -> list[int]:
    """The rows that, each alone, raise the loss by more than the tolerance."""
    allowed = loss(base) + tolerance
    return [place for place, row in enumerate(rows) if loss(base + row) > allowed]
