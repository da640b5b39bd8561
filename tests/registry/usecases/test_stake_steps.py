"""An account's stake through the client: deposits, controllers, exits, awards (F-5, F-6)."""

from __future__ import annotations

import pytest
from staked_scenario import FUNDS, STAKE, StakedScenario
from tests_roles import OWNER, STRANGER

from registry.chain.artifacts import load_artifact
from registry.chain.contracts import creation_code
from registry.chain.reverts import error_classes
from registry.chain.token import balance_of
from registry.errors import ConfigError
from registry.index import Lock

ERRORS = error_classes()
DELAY = 7 * 86_400


def test_a_deposit_takes_exactly_its_amount(staked: StakedScenario) -> None:
    staked.give(STRANGER, 1_000)
    mine = staked.client(STRANGER)
    mine.stakes.deposit(600)
    left = balance_of(staked.place.gateway, staked.token, STRANGER.address)
    assert (mine.stakes.of().free, left) == (600, 400)
    token = staked.place.client(STRANGER).connection.contracts["RewardToken"]
    vault = mine.connection.contracts["StakeVault"].address
    assert token.read("allowance", STRANGER.address, vault) == 0


def test_somebody_may_deposit_for_another_account(staked: StakedScenario) -> None:
    staked.owner.stakes.deposit(70, account=STRANGER.address)
    assert staked.client(STRANGER).stakes.of().free == 70
    assert staked.owner.stakes.of().free == 0


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_deposit(staked: StakedScenario, amount: int) -> None:
    with pytest.raises(ConfigError, match="expected an amount above 0"):
        staked.owner.stakes.deposit(amount)


def test_a_token_that_the_deployment_does_not_allow_is_refused(staked: StakedScenario) -> None:
    sender = staked.owner.connection.sender
    assert sender is not None
    code = creation_code(
        load_artifact("RewardToken"),
        ["Other", "OTHER", OWNER.address, 1_000, OWNER.address, 1, 86_400],
    )
    other = sender.send(None, code, context="another token").contract_address
    with pytest.raises(ERRORS["TokenNotAllowed"]):
        staked.owner.stakes.deposit(5, token=other)


def test_without_the_tokens_nothing_is_deposited(staked: StakedScenario) -> None:
    with pytest.raises(ERRORS["ERC20InsufficientBalance"]):
        staked.client(STRANGER).stakes.deposit(5)


def test_f5_only_a_named_controller_locks_and_dismissing_it_frees_nothing(
    staked: StakedScenario, round_id: bytes
) -> None:
    person = staked.people[0]
    mine = staked.client(person)
    controller = mine.staked_rounds.address
    assert mine.stakes.controllers() == set(mine.stakes.offered_controllers().values())
    assert not mine.stakes.set_controller(controller)
    assert mine.stakes.set_controller(controller, False)
    assert controller not in mine.stakes.controllers()
    lock_id = mine.connection.chain.staked_rounds.seat_lock(round_id, person.address).read()
    lock = Lock(controller, person.address, staked.token, lock_id)
    assert mine.stakes.locks() == {lock: STAKE}
    assert (mine.stakes.of().free, mine.stakes.of().locked) == (FUNDS - STAKE, STAKE)


def test_f6_an_exit_waits_its_delay_and_begins_anew_when_more_joins(staked: StakedScenario) -> None:
    mine = staked.client(staked.people[0])
    first = mine.stakes.request_exit(300).available_at
    staked.clock.wait_until(first - 100)
    joined = mine.stakes.request_exit(200)
    assert (joined.exiting, joined.available_at >= first - 100 + DELAY) == (500, True)
    staked.clock.wait_until(first)
    with pytest.raises(ERRORS["StillUnbonding"], match="withdraw again then"):
        mine.stakes.withdraw()
    staked.clock.wait_until(joined.available_at)
    before = balance_of(staked.place.gateway, staked.token, staked.people[0].address)
    assert [mine.stakes.withdraw() for _ in range(2)] == [500, 0]
    after = balance_of(staked.place.gateway, staked.token, staked.people[0].address)
    assert after == before + 500


def test_a_cancelled_exit_is_free_again(staked: StakedScenario) -> None:
    mine = staked.client(staked.people[0])
    mine.stakes.request_exit(300)
    assert [mine.stakes.cancel_exit() for _ in range(2)] == [300, 0]
    assert (mine.stakes.of().free, mine.stakes.of().available_at) == (FUNDS - STAKE, 0)


def test_f6_locked_stake_does_not_leave(staked: StakedScenario) -> None:
    with pytest.raises(ERRORS["InsufficientFree"]) as refused:
        staked.client(staked.people[0]).stakes.request_exit(FUNDS - STAKE + 1)
    assert refused.value.arguments["free"] == FUNDS - STAKE


def test_anyone_collects_an_award_for_whom_it_is(staked: StakedScenario, round_id: bytes) -> None:
    staked.proposed(round_id, staked.tree(round_id, lambda leaves: leaves[:2]))
    tree = staked.tree(round_id, lambda leaves: leaves[:2])
    left_out = staked.people[2].address
    level, position = tree.where(left_out)
    path, children = tree.path(level, position), tree.children(level, position)
    staked.client(STRANGER).disputes.prove_left_out(round_id, path, children, left_out)
    gateway = staked.place.gateway
    before = balance_of(gateway, staked.token, STRANGER.address)
    collected = [staked.owner.stakes.collect(STRANGER.address) for _ in range(2)]
    assert collected == [3 * STAKE // 2, 0]
    assert balance_of(gateway, staked.token, STRANGER.address) == before + collected[0]
    assert set(staked.owner.stakes.all_of(STRANGER.address)) == {staked.token}


def test_a_reader_sees_stakes_and_moves_none(staked: StakedScenario) -> None:
    reader = staked.client(None)
    assert reader.stakes.of(staked.people[0].address).locked == STAKE
    for step in (reader.stakes.of, reader.stakes.withdraw, lambda: reader.stakes.deposit(1)):
        with pytest.raises(ConfigError, match="a key is needed"):
            step()
