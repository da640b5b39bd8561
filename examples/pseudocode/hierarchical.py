"""A rule over a tree in plain numbers: groups of neighbours, then the groups' results."""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, log

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def hierarchical(rows: Floats, rule: Callable[[Floats], Floats], fan_in: int) -> Floats:
    """The rule at each node of the lowest tree with at most `fan_in` inputs a node."""
    if len(rows) <= fan_in:
        return rule(rows)
    height = ceil(round(log(len(rows), fan_in), 9))
    groups = np.array_split(rows, ceil(len(rows) / fan_in ** (height - 1)))
    return rule(np.array([hierarchical(group, rule, fan_in) for group in groups]))
