"""Inner product manipulation (IPM): colluders send the honest mean, turned round.

Xie, Koyejo, Gupta: "Fall of Empires: Breaking Byzantine-tolerant SGD by Inner Product
Manipulation", UAI 2019. A small factor passes rules that look at distances.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from registry.errors import ConfigError
from trainer.types import FloatVector

__all__ = ["inner_product_manipulation"]


def inner_product_manipulation(honest: Sequence[FloatVector], factor: float = 0.5) -> FloatVector:
    """Returns the update that every colluder sends: `−factor` times the honest mean, shape (n,).

    Args:
        honest: the honest updates, shape (n,) each; the attack knows them all.
        factor: above 0.

    Raises:
        ConfigError: not above 0.
    """
    if not factor > 0:
        raise ConfigError(f"ipm: expected a factor above 0, got {factor}")
    turned: FloatVector = -factor * np.mean(honest, axis=0)
    return turned
