"""Rules that combine integer updates into one integer aggregate, one file each.

A rule is an `Aggregator`: `init`, `add`, `finish` over explicit state. The mean streams; a
`RobustRule` looks at all updates, and `finish_with_reasons` says what it decided and why.

* what a rule is: `base`, `robust`, over an `update_matrix`; `factory` makes one by its name;
* rules: `mean`, `median`, `trimmed_mean`, `krum`, `bulyan`, `geometric_median`, `centred_clipping`,
  `norm_clipping`, `fltrust`, `foolsgold`, `clustered_mean`; in front of them `mixing`; below them
  `geometry`;
* trees: `tree`, `robust_trees`; `numerators` are what is proved on the chain.

Example:
    >>> import numpy as np
    >>> from trainer.types import Lattice
    >>> vectors = [(np.array([3, -1], np.int8), 1), (np.array([0, -2], np.int8), 1)]
    >>> Mean().combine(vectors, Lattice(8, -4, guard_bits=1)).tolist()
    [3, -3]
    >>> aggregator("median").combine(vectors, Lattice(8, -4, guard_bits=1)).tolist()
    [3, -3]
"""

from __future__ import annotations

from trainer.aggregation.base import Aggregator
from trainer.aggregation.factory import aggregator
from trainer.aggregation.mean import Mean, MeanState
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.tree import AggregationTree

__all__ = [
    "AggregationTree",
    "Aggregator",
    "Decision",
    "Mean",
    "MeanState",
    "RobustRule",
    "aggregator",
]
