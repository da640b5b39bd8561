"""The familiar options: ranges, and a sample that everybody can work out."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import ConfigError, TrainingError
from trainer.coordinator.federation_options import FederationOptions

PEOPLE = [f"0x{index:040x}" for index in range(1, 21)]


@pytest.mark.parametrize(
    "fields",
    [
        {"num_rounds": 0},
        {"num_rounds": 1.5},
        {"fraction_fit": -0.1},
        {"fraction_fit": 1.1},
        {"fraction_fit": float("nan")},
        {"min_fit_clients": 0},
        {"min_available_clients": 0, "min_fit_clients": 0},
        {"min_available_clients": 1},
        {"min_fit_clients": 5, "min_available_clients": 4},
    ],
)
def test_options_out_of_range_are_refused(fields: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        FederationOptions(**fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fraction", "fewest", "expected"), [(1.0, 2, 20), (0.5, 2, 10), (0.1, 5, 5), (0.0, 2, 2)]
)
def test_a_fraction_trains_but_at_least_the_fewest(
    fraction: float, fewest: int, expected: int
) -> None:
    options = FederationOptions(
        fraction_fit=fraction, min_fit_clients=fewest, min_available_clients=max(2, fewest)
    )
    assert len(options.sample(PEOPLE, 1)) == expected


@given(st.randoms(use_true_random=False), st.integers(1, 9), st.integers(0, 9))
def test_the_sample_is_the_same_for_everybody(order: random.Random, number: int, seed: int) -> None:
    options = FederationOptions(fraction_fit=0.4)
    shuffled = PEOPLE.copy()
    order.shuffle(shuffled)
    found = options.sample(shuffled, number, seed)
    assert found == options.sample(PEOPLE, number, seed)
    assert found == sorted(found, key=lambda address: int(address, 16))
    assert len(set(found)) == 8


def test_rounds_and_seeds_draw_apart() -> None:
    options = FederationOptions(fraction_fit=0.3)
    drawn = [options.sample(PEOPLE, number, seed) for number in (1, 2) for seed in (1, 2)]
    assert len({tuple(found) for found in drawn}) == 4


def test_over_many_rounds_everybody_has_a_turn() -> None:
    options = FederationOptions(fraction_fit=0.2)
    turns = [name for number in range(200) for name in options.sample(PEOPLE, number)]
    counts = [turns.count(name) for name in PEOPLE]
    assert min(counts) > 15
    assert max(counts) < 75


def test_too_few_participants_are_refused() -> None:
    with pytest.raises(TrainingError, match="at least 2 participants, got 1"):
        FederationOptions().sample([PEOPLE[0], PEOPLE[0]], 1)
