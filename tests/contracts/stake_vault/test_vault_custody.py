"""deposit, depositFor, requestExit, cancelExit, withdraw, collect

given the tokens that the deployment allows
  when one of them is deposited: it is free stake, of the account that is named
  when another token, or nothing, is deposited: it reverts TokenNotAllowed or ZeroAmount
  when fewer tokens arrive than were named: it reverts DepositNotReceived with both sums (T-20)
given free stake
  when its exit is requested: it waits for the unbonding delay, and is paid after it, once
  when more is requested during an exit: all of it waits anew
  when an exit is cancelled: it is free stake again
given events alone
  when they are added up: they give what the views tell
"""

from collections import Counter

import pytest
from brownie import FalseToken, FeeToken, SilentToken, StakeVault, TokenList, chain
from conftest import reach, refused, refused_early, word

DELAY = 3600
NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def fee(roles):
    """A token that keeps a hundredth."""
    return FeeToken.deploy({"from": roles.hospital})


@pytest.fixture(scope="module")
def listed(timelock, token, fee, roles):
    """The list of both."""
    return TokenList.deploy(timelock, [token, fee], [1, 1], {"from": roles.owner})


@pytest.fixture(scope="module")
def vault(listed, token, fee, roles):
    """A vault for two tokens; the hospital holds 1,000 of the first and has approved it."""
    made = StakeVault.deploy(listed, DELAY, [roles.publisher], {"from": roles.owner})
    token.transfer(roles.hospital, 1000, {"from": roles.owner})
    for each in (token, fee):
        each.approve(made, 2**256 - 1, {"from": roles.hospital})
    return made


@pytest.fixture
def staked(vault, token, roles):
    """The hospital has staked 100."""
    return vault.deposit(token, 100, {"from": roles.hospital})


def test_list_delay_and_controllers_are_those_of_the_constructor(vault, listed, roles):
    assert vault.tokens() == listed
    assert vault.unbondingDelay() == DELAY
    assert [event["controller"] for event in vault.tx.events["ControllerOffered"]] == [
        roles.publisher
    ]
    by = {"from": roles.owner}
    with refused("NoControllers"):
        StakeVault.deploy(listed, DELAY, [], by)
    with refused("ZeroAddress"):
        StakeVault.deploy(NOBODY, DELAY, [roles.publisher], by)
    with refused("ZeroAddress"):
        StakeVault.deploy(listed, DELAY, [NOBODY], by)
    with refused("DelayTooLong", 366 * 86400, 365 * 86400):
        StakeVault.deploy(listed, 366 * 86400, [roles.publisher], by)


def test_a_deposit_is_free_stake(vault, token, roles, staked):
    event = staked.events["StakeDeposited"]
    assert (event["account"], event["payer"]) == (roles.hospital, roles.hospital)
    assert (event["token"], event["amount"]) == (token, 100)
    assert vault.freeOf(roles.hospital, token) == vault.owed(token) == 100
    assert token.balanceOf(vault) == 100


def test_a_deposit_for_another_account_is_its_stake(vault, token, roles):
    tx = vault.depositFor(roles.clinic, token, 7, {"from": roles.hospital})
    assert tx.events["StakeDeposited"]["payer"] == roles.hospital
    assert vault.freeOf(roles.clinic, token) == 7
    assert vault.freeOf(roles.hospital, token) == 0


def test_another_token_or_nothing_is_refused(vault, token, registry, roles):
    by = {"from": roles.hospital}
    with refused("TokenNotAllowed", registry.address):
        vault.deposit(registry, 1, by)
    with refused("ZeroAmount"):
        vault.deposit(token, 0, by)
    with refused("ZeroAmount"):
        vault.requestExit(token, 0, by)


def test_t20_a_fee_on_transfer_is_refused(vault, fee, roles):
    with refused("DepositNotReceived", fee.address, 1000, 990):
        vault.deposit(fee, 1000, {"from": roles.hospital})
    assert vault.owed(fee) == 0


def test_t20_a_token_that_says_no_is_refused_and_a_silent_one_is_taken(timelock, roles):
    by = {"from": roles.hospital}
    no, silent = FalseToken.deploy(by), SilentToken.deploy(by)
    listed = TokenList.deploy(timelock, [no, silent], [1, 1], by)
    vault = StakeVault.deploy(listed, 0, [roles.publisher], by)
    silent.approve(vault, 10, by)
    with refused("SafeERC20FailedOperation", no.address):
        vault.deposit(no, 10, by)
    vault.deposit(silent, 10, by)
    vault.requestExit(silent, 10, by)
    vault.withdraw(silent, by)
    assert silent.balanceOf(vault) == 0


def test_an_exit_is_paid_after_the_delay_and_once(vault, token, roles, staked):
    by = {"from": roles.hospital}
    tx = vault.requestExit(token, 60, by)
    ready = chain[-1].timestamp + DELAY
    assert tx.events["ExitRequested"]["availableAt"] == ready
    assert vault.exitOf(roles.hospital, token) == (60, ready)
    assert vault.freeOf(roles.hospital, token) == 40
    with refused_early("StillUnbonding", ready):
        vault.withdraw(token, by)
    reach(ready)
    with refused("NothingToWithdraw", roles.stranger.address, token.address):
        vault.withdraw(token, {"from": roles.stranger})
    assert vault.withdraw(token, by).events["StakeWithdrawn"]["amount"] == 60
    assert (token.balanceOf(roles.hospital), vault.owed(token)) == (960, 40)
    with refused("NothingToWithdraw", roles.hospital.address, token.address):
        vault.withdraw(token, by)


def test_more_than_is_free_cannot_leave(vault, token, roles, staked):
    with refused("InsufficientFree", roles.hospital.address, token.address, 101, 100):
        vault.requestExit(token, 101, {"from": roles.hospital})


def test_a_second_request_makes_all_of_it_wait_anew(vault, token, roles, staked):
    by = {"from": roles.hospital}
    vault.requestExit(token, 60, by)
    chain.sleep(DELAY // 2)
    vault.requestExit(token, 40, by)
    assert vault.exitOf(roles.hospital, token) == (100, chain[-1].timestamp + DELAY)


def test_a_cancelled_exit_is_free_again(vault, token, roles, staked):
    by = {"from": roles.hospital}
    with refused("NothingToWithdraw", roles.hospital.address, token.address):
        vault.cancelExit(token, by)
    vault.requestExit(token, 60, by)
    assert vault.cancelExit(token, by).events["ExitCancelled"]["amount"] == 60
    assert vault.freeOf(roles.hospital, token) == 100
    assert vault.exitOf(roles.hospital, token) == (0, 0)


def test_events_alone_rebuild_what_the_views_tell(vault, token, roles, staked):
    by, rounds = {"from": roles.hospital}, {"from": roles.publisher}
    who = roles.hospital
    sent = [staked, vault.setController(roles.publisher, True, by)]
    sent.append(vault.lock(who, token, word(1), 70, rounds))
    sent.append(vault.unlock(who, token, word(1), 10, rounds))
    sent.append(vault.slash(who, token, word(1), 25, roles.clinic, rounds))
    sent += [vault.requestExit(token, 30, by), vault.cancelExit(token, by)]
    sent += [vault.requestExit(token, 15, by), vault.collect(roles.clinic, token, by)]
    sums = Counter()
    for tx in sent:
        for event in tx.events:
            if "amount" in event:
                sums[event.name] += event["amount"]
    locked = sums["StakeLocked"] - sums["StakeUnlocked"] - sums["StakeSlashed"]
    leaving = sums["ExitRequested"] - sums["ExitCancelled"]
    free = sums["StakeDeposited"] - locked - sums["StakeSlashed"] - leaving
    assert vault.lockedOf(who, token) == vault.lockOf(rounds["from"], who, token, word(1)) == locked
    assert (vault.freeOf(who, token), vault.exitOf(who, token)[0]) == (free, leaving) == (25, 15)
    assert vault.awardOf(roles.clinic, token) == sums["StakeSlashed"] - sums["AwardCollected"]
    assert token.balanceOf(vault) == vault.owed(token) == free + locked + leaving
