"""SCAFFOLD in plain numbers: Karimireddy et al., ICML 2020, algorithm 1 with option II.

The objective of participant i is ½‖x − tᵢ‖², whose gradient is x − tᵢ.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def scaffold(
    targets: Floats, chosen: list[list[int]], local_steps: int, rate: float, server_rate: float = 1
) -> Floats:
    """Returns the model after as many rounds as there are lists of who takes part.

    Args:
        targets: tᵢ, shape (participants, n).
        chosen: the participants of each round.
        local_steps: K.
        rate: η of a local step.
        server_rate: η_g.
    """
    x, c = np.zeros(targets.shape[1]), np.zeros(targets.shape[1])
    own = np.zeros_like(targets)
    for round_ in chosen:
        moves, changes = [], []
        for i in round_:
            y = x.copy()
            for _ in range(local_steps):
                y -= rate * ((y - targets[i]) - own[i] + c)
            after = own[i] - c + (x - y) / (local_steps * rate)
            moves.append(y - x)
            changes.append(after - own[i])
            own[i] = after
        x = x + server_rate * np.mean(moves, axis=0)
        c = c + len(round_) / len(targets) * np.mean(changes, axis=0)
    return x
