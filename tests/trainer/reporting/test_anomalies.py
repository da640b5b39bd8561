"""What stands out among updates, from exact integers (T-30)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError, ConfigError
from trainer.aggregation.geometry import cosine, inner
from trainer.reporting.anomalies import Anomaly, AnomalyKind, Survey, Thresholds, survey
from trainer.types import AcceptedUpdate, IntVector
from trainer.vectors.vector_roots import vector_root

EVERYBODY = [f"0x{index:040x}" for index in range(1, 10)]
values = st.lists(st.integers(-9, 9), min_size=4, max_size=4)
rounds = st.lists(values, min_size=1, max_size=6)


def updates_of(*rows: Sequence[int], bits: int = 16) -> list[AcceptedUpdate]:
    """Updates with the roots of their values, of participants 1, 2, 3 …"""
    vectors = [np.array(row, f"int{bits}") for row in rows]
    return [
        AcceptedUpdate(who, vector_root(vector, bits), bytes(32), 1, vector)
        for who, vector in zip(EVERYBODY, vectors, strict=False)
    ]


def aggregate_of(*row: int) -> IntVector:
    """An aggregate of these values."""
    return np.array(row, np.int32)


def named(found: Survey, kind: AnomalyKind) -> dict[str, tuple[str, ...]]:
    """The findings of a kind: whom each is about, by its participant."""
    return {a.participant: a.others for a in found.anomalies if a.kind is kind}


def test_t30_two_names_with_one_update_are_named_with_each_other() -> None:
    one, two, three = EVERYBODY[:3]
    found = survey(updates_of([5, 0], [0, 7], [5, 0]))
    assert found.anomalies == (
        Anomaly(one, AnomalyKind.DUPLICATE, f"the same values as {three}", (three,)),
        Anomaly(three, AnomalyKind.DUPLICATE, f"the same values as {one}", (one,)),
    )
    assert two not in named(found, AnomalyKind.DUPLICATE)


def test_t30_every_other_name_of_a_group_is_told() -> None:
    found = survey(updates_of([5, 1], [5, 1], [0, 7], [5, 1]))
    one, two, _, four = EVERYBODY[:4]
    assert named(found, AnomalyKind.DUPLICATE) == {
        one: (two, four),
        two: (one, four),
        four: (one, two),
    }
    assert all("cosine" not in anomaly.detail for anomaly in found.anomalies)


def test_t30_a_copy_that_was_scaled_or_changed_a_little_is_named_with_its_cosine() -> None:
    one, two, three = EVERYBODY[:3]
    found = survey(updates_of([300, 400], [600, 800], [300, 410]))
    assert named(found, AnomalyKind.DUPLICATE) == {}
    assert named(found, AnomalyKind.NEAR_DUPLICATE) == {
        one: (two, three),
        two: (one, three),
        three: (one, two),
    }
    assert found.anomalies[0].detail == f"cosine 1.0000 to {two}, 0.9999 to {three}"


def test_near_is_decided_in_integers_at_the_very_threshold() -> None:
    updates = updates_of([3, 4], [4, 3])  # a cosine of 24/25

    def pairs(threshold: str) -> int:
        return len(named(survey(updates, None, Thresholds(threshold)), AnomalyKind.NEAR_DUPLICATE))

    assert pairs("0.96") == 2
    assert pairs("0.960000000000000001") == 0
    assert pairs("0.959999999999999999") == 2


def test_an_update_turned_round_is_no_near_duplicate() -> None:
    found = survey(updates_of([30, 40], [-30, -40]), None, Thresholds("0"))
    assert found.anomalies == ()
    assert [each.nearest_cosine for each in found.figures] == [-1.0, -1.0]


def test_t30_a_free_rider_is_named_as_empty_and_two_are_no_copies() -> None:
    one, two = EVERYBODY[0], EVERYBODY[2]
    found = survey(updates_of([0, 0], [5, 5], [0, 0]), aggregate_of(1, 1))
    said = "all of its 2 values are zero"
    assert found.anomalies == (
        Anomaly(one, AnomalyKind.EMPTY, said),
        Anomaly(two, AnomalyKind.EMPTY, said),
    )
    first, second, _ = found.figures
    assert (first.norm, first.cosine, first.nearest, first.nearest_cosine) == (
        0.0,
        None,
        None,
        None,
    )
    assert (second.cosine, second.nearest) == (1.0, None)


def test_an_update_is_large_above_a_multiple_of_the_median_norm() -> None:
    rows = [[1, 0, 0], [0, 1, 0], [0, 0, 3]]
    assert survey(updates_of(*rows)).anomalies == ()
    assert list(
        named(survey(updates_of(*rows), None, Thresholds(large="2.9")), AnomalyKind.LARGE)
    ) == [EVERYBODY[2]]
    (found,) = survey(updates_of([10, 0], [0, 10], [-33, -44])).anomalies
    assert found.detail == "a norm of 55.0 steps, 5.5 times the median of 10.0"


def test_half_of_the_updates_being_large_does_not_hide_them() -> None:
    found = survey(updates_of([1, 0], [0, 1], [40, -1], [-1, 40]))
    assert list(named(found, AnomalyKind.LARGE)) == EVERYBODY[2:4]


def test_free_riders_make_nobody_large() -> None:
    found = survey(updates_of([0, 0], [0, 0], [0, 0], [7, 0], [0, 8]))
    assert {anomaly.kind for anomaly in found.anomalies} == {AnomalyKind.EMPTY}


def test_an_update_that_points_away_from_the_aggregate_is_opposed() -> None:
    found = survey(updates_of([6, 8], [-3, -4], [-8, 6]), aggregate_of(60, 80))
    (anomaly,) = found.anomalies
    assert anomaly == Anomaly(EVERYBODY[1], AnomalyKind.OPPOSED, "cosine -1.0000 to the aggregate")
    assert [each.cosine for each in found.figures] == [1.0, -1.0, 0.0]


def test_figures_are_an_updates_length_directions_and_nearest_other() -> None:
    found = survey(updates_of([3, 4, 0], [0, 4, 3], [0, 0, -2]), aggregate_of(1, 1, 1)).figures
    one, two, three = EVERYBODY[:3]
    assert [each.participant for each in found] == [one, two, three]
    assert [each.norm for each in found] == [5.0, 5.0, 2.0]
    expected = [7 / (5 * sqrt(3)), 7 / (5 * sqrt(3)), -1 / sqrt(3)]
    assert [each.cosine for each in found] == pytest.approx(expected, abs=1e-15)
    assert [(each.nearest, each.nearest_cosine) for each in found] == [
        (two, 0.64),
        (one, 0.64),
        (one, 0.0),
    ]


def test_of_equally_near_ones_the_least_address_is_told() -> None:
    found = survey(updates_of([2, 0], [1, 1], [0, 5])).figures
    assert found[1].nearest == EVERYBODY[0]
    assert found[1].nearest_cosine == found[2].nearest_cosine


def test_nothing_comes_of_no_update_and_no_direction_of_no_aggregate() -> None:
    assert survey([]) == Survey((), ())
    for aggregate in (None, aggregate_of(0, 0)):
        (found,) = survey(updates_of([3, -4]), aggregate).figures
        assert (found.norm, found.cosine, found.nearest) == (5.0, None, None)


@pytest.mark.parametrize("text", ["1.01", "-1", "0,9", "", "nan", 0.99, None])
def test_a_cosine_that_is_no_decimal_text_from_0_to_1_is_refused(text: Any) -> None:
    with pytest.raises(ConfigError, match="near_duplicate: expected"):
        Thresholds(near_duplicate=text)


@pytest.mark.parametrize("text", ["0.5", "1000001", "3x", 3])
def test_a_multiple_that_is_no_decimal_text_from_1_is_refused(text: Any) -> None:
    with pytest.raises(ConfigError, match="large: expected"):
        Thresholds(large=text)


def test_vectors_that_do_not_fit_each_other_are_refused() -> None:
    with pytest.raises(AggregationError, match="shape"):
        survey(updates_of([1, 2], [1, 2, 3]))
    with pytest.raises(AggregationError, match="shape"):
        survey(updates_of([1, 2], [2, 1]), aggregate_of(1, 2, 3))


@given(rounds, values, st.randoms(use_true_random=False))
def test_the_order_of_the_updates_changes_nothing(
    rows: list[list[int]], aggregate: list[int], chance: Any
) -> None:
    updates = updates_of(*rows)
    mixed = list(updates)
    chance.shuffle(mixed)
    assert survey(mixed, aggregate_of(*aggregate)) == survey(updates, aggregate_of(*aggregate))


@given(rounds, values, st.integers(1, 1000), st.integers(1, 1000))
def test_scaling_two_updates_changes_nothing_that_goes_by_cosines(
    rows: list[list[int]], aggregate: list[int], first: int, second: int
) -> None:
    def by_cosines(scaled: list[list[int]]) -> list[object]:
        found = survey(updates_of(*scaled), aggregate_of(*aggregate), Thresholds("0.9"))
        alike = {
            frozenset((anomaly.participant, other))
            for anomaly in found.anomalies
            for other in anomaly.others
        }
        seen = [(each.cosine, each.nearest, each.nearest_cosine) for each in found.figures]
        # A copy that is scaled stays as near as it was, and is no duplicate any more.
        return [alike, named(found, AnomalyKind.OPPOSED), named(found, AnomalyKind.EMPTY), seen]

    factors = [first, second, *[1] * len(rows)]
    scaled = [[factor * value for value in row] for factor, row in zip(factors, rows, strict=False)]
    assert by_cosines(scaled) == by_cosines(rows)


@given(st.lists(values, min_size=2, max_size=2), st.sampled_from([8, 16, 32]))
def test_t35_near_is_what_the_definition_says(rows: list[list[int]], bits: int) -> None:
    dot, left, right = (
        sum(x * y for x, y in zip(one, other, strict=True))
        for one, other in [rows, rows[:1] * 2, rows[1:] * 2]
    )
    near = min(left, right) > 0 <= dot and dot**2 >= Fraction("0.8") ** 2 * left * right
    found = survey(updates_of(*rows, bits=bits), None, Thresholds("0.8"))
    alike = named(found, AnomalyKind.DUPLICATE) | named(found, AnomalyKind.NEAR_DUPLICATE)
    assert bool(alike) == near


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_t35_inner_products_with_an_aggregate_are_exact_at_the_ends_of_both_ranges(
    bits: int,
) -> None:
    length, made = (1 << 15) + 3, np.random.default_rng(bits)
    top, most = (1 << (bits - 1)) - 1, (1 << 31) - 1
    for sign in (1, -1):
        vector = np.full(length, sign * top, f"int{bits}")
        assert inner(vector, np.full(length, most, np.int32)) == sign * length * top * most
        lowest = np.full(length, -most - 1, np.int32)
        assert inner(vector, lowest) == -sign * length * top * (most + 1)
    left = made.integers(-top, top, length, endpoint=True).astype(f"int{bits}")
    right = made.integers(-most, most, length, endpoint=True).astype(np.int32)
    told = sum(x * y for x, y in zip(left.tolist(), right.tolist(), strict=True))
    assert inner(left, right) == inner(right, left) == told


def test_a_cosine_never_leaves_its_range() -> None:
    huge = 10**40 + 1
    assert cosine(huge, huge, huge) == 1.0
    assert cosine(-huge, huge, huge) == -1.0
    assert cosine(0, huge, huge) == 0.0
    assert cosine(0, 0, huge) is None
