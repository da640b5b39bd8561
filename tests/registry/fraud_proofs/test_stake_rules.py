"""What a search for one wrong chunk needs; the contract's tests hold the same table (F-17)."""

from __future__ import annotations

import pytest

from registry.fraud_proofs.stake_rules import (
    AT_ONCE,
    least_dispute_window,
    least_proposer_stake,
    search_steps,
)

# Values and steps, as tests/forge/StakeFloors.t.sol has them.
TABLE = [
    (1, 5),
    (256, 5),
    (257, 6),
    (1_025, 7),
    (10**6, 11),
    (16_777_216, 13),
    (10**8, 15),
]


@pytest.mark.parametrize(("length", "steps"), TABLE)
def test_f17_steps_are_those_of_the_shared_table(length: int, steps: int) -> None:
    assert search_steps(length) == steps


@pytest.mark.parametrize(("length", "steps"), TABLE)
def test_f17_the_least_window_and_stake_follow_from_the_steps(length: int, steps: int) -> None:
    assert least_dispute_window(length, 100) == (steps + 3) * 100
    assert least_proposer_stake(length, 7) == 8 * steps * 7


@pytest.mark.parametrize("chunks", [1, 4, 16, 64, 4**9])
def test_f17_one_chunk_beyond_a_power_of_four_is_a_step_more(chunks: int) -> None:
    assert search_steps(256 * chunks + 1) == search_steps(256 * chunks) + 1


@pytest.mark.parametrize(("length", "steps"), TABLE)
def test_f17_half_the_least_stake_pays_for_every_bond_of_a_search(length: int, steps: int) -> None:
    bond = 11
    assert least_proposer_stake(length, bond) // 2 == steps * AT_ONCE * bond
