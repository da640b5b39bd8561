"""q-FedAvg in plain numbers: Li et al., ICLR 2020, algorithm 2."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def qfedavg(base: Floats, deltas: Floats, losses: Floats, q: int, lipschitz: float) -> Floats:
    """One round: deltas of shape (participants, n), losses of the base in nats."""
    gradients = -lipschitz * deltas
    weighed = losses[:, None] ** q * gradients
    bounds = q * losses ** float(q - 1) * (gradients**2).sum(1) + lipschitz * losses**q
    moved: Floats = base - weighed.sum(0) / bounds.sum()
    return moved
