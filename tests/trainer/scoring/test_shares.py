"""Shares (P-1, P-2): exact, and as anybody would expect of them (T-21)."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.scoring import shares_of

addresses = st.integers(1, 2**160 - 1).map(lambda value: f"0x{value:040x}")
tables = st.dictionaries(addresses, st.integers(0, 10**9), min_size=1, max_size=9)
budgets = st.integers(0, 10**30)


@given(tables, budgets)
def test_p_1_shares_sum_to_the_budget_exactly(scores: dict[str, int], budget: int) -> None:
    shares = shares_of(scores, budget)
    assert sum(shares.values()) == budget
    assert set(shares) == set(scores)
    assert min(shares.values()) >= 0


@given(tables, budgets, st.randoms(use_true_random=False))
def test_the_order_of_participants_does_not_matter(
    scores: dict[str, int], budget: int, order: random.Random
) -> None:
    items = list(scores.items())
    order.shuffle(items)
    assert shares_of(dict(items), budget) == shares_of(scores, budget)


@given(tables, budgets)
def test_a_higher_score_never_gets_less(scores: dict[str, int], budget: int) -> None:
    shares = shares_of(scores, budget)
    for one, high in scores.items():
        for other, low in scores.items():
            # Of equal scores, one may have the unit that a remainder gives.
            assert high < low or shares[one] >= shares[other] - (high == low)


@given(tables, budgets)
def test_a_share_is_within_one_unit_of_its_proportion(scores: dict[str, int], budget: int) -> None:
    used = scores if any(scores.values()) else dict.fromkeys(scores, 1)
    total = sum(used.values())
    for address, share in shares_of(scores, budget).items():
        assert abs(share * total - budget * used[address]) < total


def test_p_1_ties_go_to_the_lower_address() -> None:
    high, low = "0xB" + "0" * 39, "0xa" + "0" * 39
    assert list(shares_of({high: 1, low: 1}, 3).items()) == [(low, 2), (high, 1)]


def test_p_2_without_any_score_everybody_who_counts_gets_as_much() -> None:
    scores = {"0x1": 0, "0x2": 0, "0x3": 0}
    assert shares_of(scores, 8) == {"0x1": 3, "0x2": 3, "0x3": 2}
    assert shares_of(scores, 8, ["0x2"]) == {"0x1": 4, "0x2": 0, "0x3": 4}


@given(tables, budgets, st.data())
def test_a_6_who_was_left_out_gets_nothing(
    scores: dict[str, int], budget: int, data: st.DataObject
) -> None:
    out = data.draw(st.lists(st.sampled_from(sorted(scores)), max_size=len(scores) - 1))
    if set(out) != set(scores):
        counted = {who: 0 if who in out else score for who, score in scores.items()}
        shares = shares_of(counted, budget, out)
        assert sum(shares.values()) == budget
        assert all(shares[who] == 0 for who in out)


@pytest.mark.parametrize(
    ("scores", "budget", "excluded"),
    [
        ({}, 1, []),
        ({"0x1": 1}, 1, ["0x1"]),
        ({"0x1": 0}, 1, ["0x1"]),
        ({"0x1": -1}, 1, []),
        ({"0x1": 1}, -1, []),
        ({"0x1": 1, "0x2": 3}, 1, ["0x2"]),
    ],
)
def test_t21_what_cannot_be_shared_is_refused(
    scores: dict[str, int], budget: int, excluded: list[str]
) -> None:
    with pytest.raises(AggregationError, match="expected"):
        shares_of(scores, budget, excluded)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [((1, 2, 4), (1, 3, 6)), ((3, 3, 1), (4, 4, 2)), ((1, 1, 1), (4, 3, 3))],
)
def test_p_1_what_is_left_goes_to_the_largest_remainders_then_to_the_lowest_address(
    scores: tuple[int, ...], expected: tuple[int, ...]
) -> None:
    people = [f"0x{number:040x}" for number in (1, 2, 3)]
    shares = shares_of(dict(zip(people, scores, strict=True)), 10)
    assert tuple(shares[who] for who in people) == expected
