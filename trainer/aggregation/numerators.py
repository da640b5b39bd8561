"""What is proposed and judged on chain: exact integer numerators of each rule (F-1).

A numerator has to be divided by its rule's denominator to be the aggregate; whoever proposes a
result commits to the numerators, because they are integers that a contract can recompute chunk
by chunk.

Sources: Yin et al., "Byzantine-Robust Distributed Learning: Towards Optimal Statistical Rates"
(2018), for the coordinate median and the trimmed mean. Both bear fewer than half (the median), or
at most `trim` (the trimmed mean), Byzantine inputs per coordinate; the mean bears none (T-31).

Example:
    >>> import numpy as np
    >>> vectors = [np.array([1, -8], np.int8), np.array([5, 2], np.int8), np.array([9, 4], np.int8)]
    >>> mean_numerators(vectors, [1, 2, 1]).tolist()
    [20, 0]
    >>> median_numerators(vectors).tolist()
    [10, 4]
    >>> trimmed_mean_numerators(vectors, 1).tolist()
    [5, 2]
"""

from __future__ import annotations

from collections.abc import Sequence
from math import gcd

import numpy as np
import numpy.typing as npt

from registry.errors import AggregationError
from registry.fraud_proofs.robust_trees import UNITS
from trainer.types import IntVector

__all__ = [
    "FAN_IN",
    "mean_numerators",
    "median_numerators",
    "node_values",
    "trimmed_mean_numerators",
]

FAN_IN = 32
"""The most inputs of one node of an aggregation's tree (F-3)."""

Numerators = npt.NDArray[np.int64]
_BLOCK = 1 << 14
_SUM_LIMIT = 1 << 62


def mean_numerators(vectors: Sequence[IntVector], weights: Sequence[int]) -> Numerators:
    """Returns Σ wᵢqᵢ of each value; the denominator is Σ wᵢ.

    Works in blocks, so that mapped vectors are read once and memory holds one block of each.

    Args:
        vectors: 1 to 32 of shape (n,), of one type: int8, int16 or int32; or int64, which are
            partial sums of a tree's nodes.
        weights: one per vector, at least 1; 1 for partial sums.

    Returns:
        Shape (n,), int64.

    Raises:
        AggregationError: other vectors or weights, weights beyond A-2, or partial sums whose sum
            doesn't fit.
    """
    bits, length = _check(vectors)
    _check_weights(weights, len(vectors), bits)
    sums = np.empty(length, np.int64)
    for start in range(0, length, _BLOCK):
        part = sums[start : start + _BLOCK]
        part[:] = 0
        blocks = [vector[start : start + _BLOCK] for vector in vectors]
        _check_sums(blocks)
        for block, weight in zip(blocks, weights, strict=True):
            part += block.astype(np.int64) * np.int64(weight)
    return sums


def median_numerators(vectors: Sequence[IntVector]) -> Numerators:
    """Returns the sum of the two middle values of each coordinate; the denominator is 2.

    Of an odd number of vectors the middle value counts twice. Over the numerators of nodes of one
    height, the denominator is twice theirs.

    Args:
        vectors: 1 to 32 of shape (n,), of one type: int8, int16 or int32; or int64, which are the
            numerators of a tree's nodes.

    Raises:
        AggregationError: other vectors, or numerators whose sum doesn't fit.
    """
    _check(vectors)
    count = len(vectors)
    lower, upper = (count - 1) // 2, count // 2
    medians = np.empty(vectors[0].size, np.int64)
    for start in range(0, medians.size, _BLOCK):
        rows = _sorted(vectors, start)
        _check_sums([rows[lower], rows[upper]])
        medians[start : start + _BLOCK] = rows[lower].astype(np.int64) + rows[upper]
    return medians


def trimmed_mean_numerators(vectors: Sequence[IntVector], trim: int) -> Numerators:
    """Returns each coordinate's sum without its `trim` smallest and `trim` largest values.

    The denominator is `len(vectors) - 2 * trim`.

    Args:
        vectors: 1 to 32 of shape (n,), of one type: int8, int16 or int32; or int64, which are the
            values of a tree's nodes (`node_values`).
        trim: at least 0, and less than half of the vectors.

    Raises:
        AggregationError: other vectors, a trim that leaves none, or values whose sum doesn't fit.
    """
    _check(vectors)
    count = len(vectors)
    if type(trim) is not int or trim < 0 or 2 * trim >= count:
        raise AggregationError(
            f"expected a trim from 0 to {(count - 1) // 2} with {count} vectors, got {trim!r}"
        )
    sums = np.empty(vectors[0].size, np.int64)
    for start in range(0, sums.size, _BLOCK):
        rows = _sorted(vectors, start)[trim : count - trim]
        _check_sums(list(rows))
        sums[start : start + _BLOCK] = rows.sum(axis=0, dtype=np.int64)
    return sums


def node_values(numerators: IntVector, denominator: int) -> Numerators:
    """Returns the values of a trimmed mean's node, so that they can be compared with others'.

    They are `roundHalfAway(2^16 · numerators / denominator)`: in units of 2^-16, whatever the
    lattice's guard bits.

    Args:
        numerators: shape (n,), int64 of either byte order.
        denominator: at least 1.

    Raises:
        AggregationError: numerators that no updates give, as too large ones, or no denominator.
    """
    if denominator < 1:
        raise AggregationError(f"expected a denominator of at least 1, got {denominator}")
    # Where numerators are in these units already, nothing is to be scaled, and nothing overflows.
    common = gcd(UNITS, denominator)
    scale, divisor = UNITS // common, denominator // common
    native = np.asarray(numerators, dtype=np.int64)
    most = max(int(native.max()), -int(native.min())) if native.size else 0
    if 2 * scale * most + divisor >= 1 << 63:
        raise AggregationError("numerators of a node beyond 64 bits; some node is wrong (F-2)")
    doubled = np.abs(native)
    doubled *= 2 * scale
    doubled += divisor
    doubled //= 2 * divisor
    return np.where(native < 0, -doubled, doubled)


def _sorted(vectors: Sequence[IntVector], start: int) -> IntVector:
    rows: IntVector = np.stack([vector[start : start + _BLOCK] for vector in vectors])
    rows.sort(axis=0)
    return rows


def _check(vectors: Sequence[IntVector]) -> tuple[int, int]:
    if not 1 <= len(vectors) <= FAN_IN:
        raise AggregationError(f"expected 1 to {FAN_IN} vectors, got {len(vectors)}")
    first = vectors[0]
    if first.ndim != 1 or first.size == 0:
        raise AggregationError(f"expected vectors with a value, got the shape {first.shape}")
    if first.dtype not in (np.int8, np.int16, np.int32, np.int64):
        raise AggregationError(f"expected int8, int16, int32 or int64, got {first.dtype}")
    for vector in vectors[1:]:
        if vector.shape != first.shape or vector.dtype != first.dtype:
            raise AggregationError(
                f"expected {first.dtype} of the shape {first.shape} as the first vector has, "
                f"got {vector.dtype} of {vector.shape}"
            )
    return first.dtype.itemsize * 8, first.size


def _check_weights(weights: Sequence[int], count: int, bits: int) -> None:
    if len(weights) != count:
        raise AggregationError(f"expected {count} weights, one per vector, got {len(weights)}")
    for weight in weights:
        if type(weight) is not int or weight < 1:
            raise AggregationError(f"expected weights of at least 1, got {weight!r}")
        if bits == 64 and weight != 1:
            raise AggregationError(f"expected a weight of 1 for partial sums, got {weight}")
    if bits < 64 and sum(weights) << (bits - 1) >= _SUM_LIMIT:
        raise AggregationError(
            f"weights of {sum(weights)} could overflow the sum (A-2); lower the cap"
        )


def _check_sums(blocks: Sequence[IntVector]) -> None:
    # Right ones always pass: A-2 keeps a whole round's sums below 2^62.
    if blocks[0].dtype.itemsize < 8:
        return
    if sum(max(abs(int(b.min())), abs(int(b.max()))) for b in blocks) >= 1 << 63:
        raise AggregationError("partial sums could overflow 64 bits; some node is wrong (A-2)")
