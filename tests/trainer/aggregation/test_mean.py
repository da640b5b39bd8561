"""The exact mean (A-1): against Python integers, and what taking one out leaves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.aggregation import Mean
from trainer.types import IntVector, Lattice


def exact(pairs: list[tuple[list[int], int]], guard: int) -> list[int]:
    """A-1 as it is written."""
    total = sum(weight for _, weight in pairs)
    found = []
    for column in zip(*(values for values, _ in pairs), strict=True):
        n = sum(w * q for q, (_, w) in zip(column, pairs, strict=True)) << guard
        size = (2 * abs(n) + total) // (2 * total)
        found.append(-size if n < 0 else size)
    return found


@st.composite
def problems(draw: st.DrawFn) -> tuple[Lattice, list[tuple[list[int], int]]]:
    """A lattice, and values with weights up to what A-2 allows."""
    bits = draw(st.sampled_from([8, 16, 32]))
    guard = draw(st.integers(0, min(16, 32 - bits)))
    lattice, count = Lattice(bits, 0, guard), draw(st.integers(1, 5))
    cap = ((1 << 62) - 1 >> (bits - 1 + guard)) // count
    values = st.integers(-lattice.largest, lattice.largest)
    extremes = st.sampled_from([-lattice.largest, 0, lattice.largest])
    vectors = st.lists(st.one_of(values, extremes), min_size=3, max_size=3)
    return lattice, [(draw(vectors), draw(st.integers(1, cap))) for _ in range(count)]


def arrays(lattice: Lattice, pairs: list[tuple[list[int], int]]) -> list[tuple[IntVector, int]]:
    """The same values as numpy vectors."""
    return [(np.array(values, lattice.dtype), weight) for values, weight in pairs]


@given(problems())
def test_the_mean_is_exact_up_to_the_bound_of_a_2(
    problem: tuple[Lattice, list[tuple[list[int], int]]],
) -> None:
    lattice, pairs = problem
    found = Mean().combine(arrays(lattice, pairs), lattice)
    assert found.tolist() == exact(pairs, lattice.guard_bits)


@given(problems(), st.integers(0, 4))
def test_taking_one_out_is_as_if_it_had_never_come(
    problem: tuple[Lattice, list[tuple[list[int], int]]], at: int
) -> None:
    lattice, pairs = problem
    given_pairs, rule = arrays(lattice, pairs), Mean()
    at %= len(pairs)
    state = rule.init(3, lattice)
    for vector, weight in given_pairs:
        state = rule.add(state, vector, weight)
    whole = rule.finish(rule.without(state, *given_pairs[at])) if len(pairs) > 1 else None
    rest = pairs[:at] + pairs[at + 1 :]
    assert whole is None or whole.tolist() == exact(rest, lattice.guard_bits)
    assert rule.finish(state).tolist() == exact(pairs, lattice.guard_bits)


def test_halves_round_away_from_zero() -> None:
    pairs = [(np.array([1, -1, 3], np.int8), 1), (np.array([0, 0, 0], np.int8), 1)]
    assert Mean().combine(pairs, Lattice(8, 0)).tolist() == [1, -1, 2]


def test_a_sum_past_a_2_is_refused_before_it_is_made() -> None:
    rule, lattice = Mean(), Lattice(16, 0, 16)
    vector, most = np.full(1, 32_767, np.int16), (1 << 31) - 1
    state = rule.add(rule.init(1, lattice), vector, most)
    with pytest.raises(AggregationError, match=r"overflow the sum \(A-2\)"):
        rule.add(state, vector, 1)
    assert rule.finish(state).tolist() == [32_767 << 16]


def test_taking_out_more_than_there_is_refused() -> None:
    rule = Mean()
    state = rule.add(rule.init(1, Lattice(8, 0)), np.ones(1, np.int8), 2)
    with pytest.raises(AggregationError, match="out of 2"):
        rule.without(state, np.ones(1, np.int8), 3)


def test_t31_the_mean_has_no_bound_and_moves_by_the_attackers_weight() -> None:
    """Stated: a participant moves the mean by its part of the weight times the range, no more."""
    lattice = Lattice(8, 0, 8)
    honest = [(np.zeros(1, np.int8), 10) for _ in range(9)]
    found = Mean().combine([*honest, (np.array([127], np.int8), 10)], lattice)
    assert found.tolist() == [(127 * 256 + 5) // 10]
