"""What a search for one wrong chunk needs; the contract's tests hold the same table (F-17)."""

from __future__ import annotations

import pytest

from registry.stake_rules import (
    AT_ONCE,
    least_dispute_window,
    least_proposer_stake,
    search_steps,
)

# Participants, values and steps, as tests/forge/StakeFloors.t.sol has them.
TABLE = [
    (1, 1, 2),
    (32, 257, 3),
    (33, 1_025, 5),
    (1_000, 10**6, 9),
    (10_000, 16_777_216, 12),
    (1_000_000, 10**8, 15),
]


@pytest.mark.parametrize(("participants", "length", "steps"), TABLE)
def test_f17_steps_are_those_of_the_shared_table(
    participants: int, length: int, steps: int
) -> None:
    assert search_steps(participants, length) == steps


@pytest.mark.parametrize(("participants", "length", "steps"), TABLE)
def test_f17_the_least_window_and_stake_follow_from_the_steps(
    participants: int, length: int, steps: int
) -> None:
    assert least_dispute_window(participants, length, 100) == (steps + 3) * 100
    assert least_proposer_stake(participants, length, 7) == 8 * steps * 7


@pytest.mark.parametrize(("participants", "more"), [(32, 33), (1_024, 1_025), (32_768, 32_769)])
def test_f17_one_participant_beyond_a_full_tree_is_a_level_more(
    participants: int, more: int
) -> None:
    assert search_steps(more, 1) == search_steps(participants, 1) + 1


@pytest.mark.parametrize("chunks", [1, 4, 16, 64, 4**9])
def test_f17_one_chunk_beyond_a_power_of_four_is_a_step_more(chunks: int) -> None:
    assert search_steps(1, 256 * chunks + 1) == search_steps(1, 256 * chunks) + 1


@pytest.mark.parametrize(("participants", "length", "steps"), TABLE)
def test_f17_half_the_least_stake_pays_for_every_bond_of_a_search(
    participants: int, length: int, steps: int
) -> None:
    bond = 11
    assert least_proposer_stake(participants, length, bond) // 2 == steps * AT_ONCE * bond
