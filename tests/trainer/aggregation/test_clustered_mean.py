"""One exact mean per cluster, against a twin that follows the definition with fractions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import Mean, aggregator
from trainer.aggregation.clustered_mean import ClusteredMean
from trainer.types import Lattice

LATTICE = Lattice(16, -12, 8)


def naive(rows: list[list[int]], weights: list[int], clusters: int, guard: int) -> list[int]:
    """Member by member, value by value."""
    size = len(rows[0]) // clusters
    found = []
    for cluster in range(clusters):
        span = slice(cluster * size, (cluster + 1) * size)
        members = [(r[span], w) for r, w in zip(rows, weights, strict=True) if any(r[span])]
        for place in range(size):
            total = sum(w for _, w in members)
            mean = Fraction(sum(r[place] * w for r, w in members), total) if total else Fraction(0)
            scaled = abs(mean) * 2**guard
            whole = int(scaled + Fraction(1, 2))
            found.append(whole if mean >= 0 else -whole)
    return found


@st.composite
def federations(draw: st.DrawFn) -> tuple[int, list[list[int]], list[int]]:
    """Clusters, rows of which some segments are zero, and weights."""
    clusters, size = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    count = draw(st.integers(1, 6))
    value = st.one_of(st.just(0), st.integers(-32_767, 32_767))
    rows = []
    for _ in range(count):
        row: list[int] = []
        for _ in range(clusters):
            member = draw(st.booleans())
            row += [draw(value) if member else 0 for _ in range(size)]
        rows.append(row)
    return clusters, rows, draw(st.lists(st.integers(1, 1_000), min_size=count, max_size=count))


@settings(max_examples=150, deadline=None)
@given(federations(), st.randoms(use_true_random=False))
def test_a1_each_segment_is_the_mean_of_its_members(
    found: tuple[Any, ...], shuffled: object
) -> None:
    clusters, rows, weights = found
    pairs = [(np.array(r, np.int16), w) for r, w in zip(rows, weights, strict=True)]
    rule = ClusteredMean(clusters)
    expected = naive(rows, weights, clusters, LATTICE.guard_bits)
    result = rule.combine(pairs, LATTICE)
    assert result.dtype == np.int32
    assert result.tolist() == expected
    shuffled.shuffle(pairs)  # type: ignore[attr-defined]
    assert rule.combine(pairs, LATTICE).tolist() == expected


@settings(max_examples=50, deadline=None)
@given(federations())
def test_an_update_is_taken_out_as_if_it_had_never_come(found: tuple[Any, ...]) -> None:
    clusters, rows, weights = found
    pairs = [(np.array(r, np.int16), w) for r, w in zip(rows, weights, strict=True)]
    extra = np.arange(1, len(rows[0]) + 1, dtype=np.int16)
    rule = ClusteredMean(clusters)
    state = rule.init(extra.size, LATTICE)
    for vector, weight in [*pairs, (extra, 7)]:
        state = rule.add(state, vector, weight)
    left = rule.finish(rule.without(state, extra, 7))
    assert left.tolist() == rule.combine(pairs, LATTICE).tolist()


def test_one_cluster_is_the_mean() -> None:
    pairs = [(np.array([3, -1], np.int16), 2), (np.array([0, 5], np.int16), 3)]
    assert (
        aggregator("clustered_mean", {"clusters": 1}).combine(pairs, LATTICE).tolist()
        == Mean().combine(pairs, LATTICE).tolist()
    )


def test_nobody_s_cluster_stays_where_it_is() -> None:
    pairs = [(np.array([4, 2, 0, 0], np.int16), 1), (np.array([0, 2, 0, 0], np.int16), 1)]
    found = ClusteredMean(2).combine(pairs, LATTICE)
    assert found.tolist() == [2 << 8, 2 << 8, 0, 0]


@pytest.mark.parametrize("clusters", [0, 1_001, True])
def test_clusters_out_of_range_are_refused(clusters: int) -> None:
    with pytest.raises(ConfigError, match=f"expected 1 to 1000 clusters, got {clusters}"):
        ClusteredMean(clusters)


def test_vectors_that_do_not_fit_are_refused() -> None:
    rule = ClusteredMean(2)
    with pytest.raises(AggregationError, match="a length that 2 clusters divide, got 3"):
        rule.init(3, LATTICE)
    state = rule.init(4, LATTICE)
    with pytest.raises(AggregationError, match=r"expected int16 of the shape \(4,\), got int16"):
        rule.add(state, np.zeros(2, np.int16), 1)
    with pytest.raises(AggregationError, match="a weight of at least 1, got 0"):
        rule.add(state, np.ones(4, np.int16), 0)
    with pytest.raises(AggregationError, match="at least one update, got none"):
        rule.finish(state)
    with pytest.raises(AggregationError, match="wasn't added"):
        rule.without(state, np.ones(4, np.int16), 1)
