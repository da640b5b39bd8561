"""FedNova in plain numbers: Wang et al., NeurIPS 2020, for plain SGD."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def fednova(base: Floats, deltas: Floats, examples: Floats, steps: Floats) -> Floats:
    """One round: deltas of shape (participants, n), the others of shape (participants,)."""
    part = examples / examples.sum()
    effective = (part * steps).sum()
    normalised = deltas / steps[:, None]
    moved: Floats = base + effective * (part[:, None] * normalised).sum(0)
    return moved
