"""Bucketing in plain numbers: Karimireddy, He, Jaggi, ICLR 2022, algorithm 1."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def bucketing(rows: Floats, lot: Sequence[int], size: int) -> Floats:
    """The means of buckets of `size` rows, as the lot has put them; the last may be smaller."""
    buckets = [rows[list(lot[at : at + size])] for at in range(0, len(rows), size)]
    return np.array([bucket.mean(0) for bucket in buckets])
