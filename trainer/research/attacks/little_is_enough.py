"""A little is enough (ALIE): colluders stay within the spread of honest updates.

Baruch, Baruch, Goldberg: "A Little Is Enough: Circumventing Defenses For Distributed Learning",
NeurIPS 2019, algorithm 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from registry.errors import ConfigError
from trainer.types import FloatVector

__all__ = ["little_is_enough"]


def little_is_enough(honest: Sequence[FloatVector], colluders: int) -> FloatVector:
    """Returns the update that every colluder sends, shape (n,).

    Args:
        honest: the honest updates, shape (n,) each; the attack knows them all.
        colluders: how many send it; fewer than half of all.

    Raises:
        ConfigError: no honest majority to hide in.
    """
    count = len(honest) + colluders
    supporters = count // 2 + 1 - colluders
    if 2 * colluders >= count or not 0 < supporters < len(honest):
        raise ConfigError(f"alie: expected fewer than half to collude, got {colluders} of {count}")
    deviations = NormalDist().inv_cdf((len(honest) - supporters) / len(honest))
    rows = np.array(honest)
    away: FloatVector = rows.mean(0) - deviations * rows.std(0)
    return away
