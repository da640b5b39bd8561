"""Median and trimmed mean over the tree that the number of updates fixes (F-1, F-8).

Source: the rules are those of `trainer.aggregation.numerators`; grouping before a robust rule is
that of Karimireddy et al., "Byzantine-Robust Learning on Heterogeneous Datasets via Bucketing"
(2022), here so that a dispute touches 32 values at most. What it costs: an attacker that holds
most of the groups holds the result, so of n = 32^h updates the median bears fewer than (1/2)^h,
not half, if it chooses its groups (T-31).

Example:
    >>> import numpy as np
    >>> vectors = [np.array([value], np.int8) for value in range(33)]
    >>> robust_numerators(vectors, AggregationRule.MEDIAN, 0).tolist()  # 4 · 16.25
    [65]
    >>> robust_denominator(AggregationRule.MEDIAN, 0, 33)
    4
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from registry.fraud_proofs.robust_trees import denominator_at, height_of, sizes_of, trim_at
from registry.fraud_proofs.stake_terms import AggregationRule
from trainer.aggregation.numerators import (
    FAN_IN,
    median_numerators,
    node_values,
    trimmed_mean_numerators,
)
from trainer.types import IntVector

__all__ = ["groups_of", "node_numerators", "robust_denominator", "robust_numerators"]


def groups_of(count: int) -> list[slice]:
    """Returns which of `count` updates are below each child of the node over them."""
    return [slice(*ends) for ends in pairwise(accumulate(sizes_of(count), initial=0))]


def robust_denominator(rule: AggregationRule, trim: int, count: int) -> int:
    """Returns what a node's numerators are to be divided by, over `count` updates (F-1).

    Raises:
        AggregationError: the rule is the mean, whose denominator is a weight.
        ConfigError: no update.
    """
    _require_robust(rule)
    return 1 << height_of(count) if rule == AggregationRule.MEDIAN else denominator_at(trim, count)


def node_numerators(
    inputs: Sequence[IntVector], rule: AggregationRule, trim: int, count: int
) -> npt.NDArray[np.int64]:
    """Returns a node's numerators from what its children have, shape (n,), int64.

    Args:
        inputs: up to 32 updates; or the numerators of the child nodes, in order.
        rule: median or trimmed mean.
        trim: the terms'.
        count: how many updates are below the node.

    Raises:
        AggregationError: other inputs than that node has, or numerators that no updates give.
    """
    _require_robust(rule)
    sizes = sizes_of(count)
    if len(inputs) != len(sizes):
        raise AggregationError(
            f"expected {len(sizes)} inputs of the node over {count} updates, got {len(inputs)}"
        )
    if rule == AggregationRule.MEDIAN:
        return median_numerators(inputs)
    if count > FAN_IN:
        pairs = zip(inputs, sizes, strict=True)
        inputs = [node_values(vector, denominator_at(trim, size)) for vector, size in pairs]
    return trimmed_mean_numerators(inputs, trim_at(trim, len(inputs)))


def robust_numerators(
    vectors: Sequence[IntVector], rule: AggregationRule, trim: int
) -> npt.NDArray[np.int64]:
    """Returns the numerators of the top over updates in ascending order of their participants.

    Goes down one branch at a time: memory holds 32 vectors of numerators for each level at most.

    Args:
        vectors: any number of shape (n,), of one type: int8, int16 or int32.
        rule: median or trimmed mean.
        trim: the terms'.

    Raises:
        AggregationError: other vectors.
        ConfigError: no vector.
    """
    count = len(vectors)
    if count <= FAN_IN:
        return node_numerators(vectors, rule, trim, count)
    below = [robust_numerators(vectors[group], rule, trim) for group in groups_of(count)]
    return node_numerators(below, rule, trim, count)


def _require_robust(rule: AggregationRule) -> None:
    if rule == AggregationRule.MEAN:
        raise AggregationError("expected median or trimmed mean, got the mean")
