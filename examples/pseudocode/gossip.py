"""Gossip in plain numbers: Xiao, Boyd, Lall, IPSN 2005, Metropolis weights on a fixed graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def gossip(held: Floats, neighbours: Mapping[int, Sequence[int]], steps: int) -> Floats:
    """What peers hold after so many steps; held has the shape (peers, n)."""
    for _ in range(steps):
        mixed = held.copy()
        for i, near in neighbours.items():
            for j in near:
                weight = 1 / (1 + max(len(near), len(neighbours[j])))
                mixed[i] += weight * (held[j] - held[i])
        held = mixed
    return held
