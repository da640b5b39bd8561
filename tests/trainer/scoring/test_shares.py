"""Shares (P-1, P-2): exact, and as anybody would expect of them (T-21)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.scoring import shares_of

addresses = st.integers(1, 2**160 - 1).map(lambda value: f"0x{value:040x}")
tables = st.dictionaries(
    addresses, st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)), min_size=1, max_size=9
)
budgets = st.integers(0, 10**30)


def split(table: dict[str, tuple[int, int]]) -> tuple[dict[str, int], dict[str, int]]:
    """Scores and weights of a table."""
    return {a: s for a, (s, _) in table.items()}, {a: w for a, (_, w) in table.items()}


@given(tables, budgets)
def test_p_1_shares_sum_to_the_budget_exactly(
    table: dict[str, tuple[int, int]], budget: int
) -> None:
    shares = shares_of(*split(table), budget)
    assert sum(shares.values()) == budget
    assert set(shares) == set(table)
    assert min(shares.values()) >= 0


@given(tables, budgets, st.randoms(use_true_random=False))
def test_the_order_of_participants_does_not_matter(
    table: dict[str, tuple[int, int]], budget: int, order: random.Random
) -> None:
    items = list(table.items())
    order.shuffle(items)
    assert shares_of(*split(dict(items)), budget) == shares_of(*split(table), budget)


@given(tables, budgets)
def test_a_higher_score_never_gets_less(table: dict[str, tuple[int, int]], budget: int) -> None:
    scores, weights = split(table)
    shares, used = shares_of(scores, weights, budget), scores if any(scores.values()) else weights
    for one in table:
        for other in table:
            assert used[one] <= used[other] or shares[one] >= shares[other]


@given(tables, budgets)
def test_a_share_is_within_one_unit_of_its_proportion(
    table: dict[str, tuple[int, int]], budget: int
) -> None:
    scores, weights = split(table)
    used = scores if any(scores.values()) else weights
    total = sum(used.values())
    for address, share in shares_of(scores, weights, budget).items():
        assert abs(share * total - budget * used[address]) < total


def test_p_1_ties_go_to_the_lower_address() -> None:
    high, low = "0xB" + "0" * 39, "0xa" + "0" * 39
    shares = shares_of({high: 1, low: 1}, {high: 1, low: 1}, 3)
    assert list(shares.items()) == [(low, 2), (high, 1)]


def test_p_2_without_any_score_the_weights_are_the_scores() -> None:
    assert shares_of({"0x1": 0, "0x2": 0}, {"0x1": 3, "0x2": 1}, 8) == {"0x1": 6, "0x2": 2}


@pytest.mark.parametrize(
    ("scores", "weights", "budget"),
    [
        ({}, {}, 1),
        ({"0x1": 1}, {"0x2": 1}, 1),
        ({"0x1": -1}, {"0x1": 1}, 1),
        ({"0x1": 1}, {"0x1": 0}, 1),
        ({"0x1": 1}, {"0x1": 1}, -1),
    ],
)
def test_t21_what_cannot_be_shared_is_refused(
    scores: dict[str, int], weights: dict[str, int], budget: int
) -> None:
    with pytest.raises(AggregationError, match="expected"):
        shares_of(scores, weights, budget)
