"""setController, lock, unlock, slash, collect

given a contract that the deployment doesn't offer
  when an account names it a controller: it reverts NotOffered (T-38)
given an account that names a controller
  when the controller locks free stake: it is locked under the controller's id, and can't leave
  when it locks more than is free, or nothing: it reverts InsufficientFree or ZeroAmount
  when it unlocks or slashes more than it locked: it reverts InsufficientLock
  when it slashes: whom it names is awarded that much, and anyone has it paid
given another controller, or a stranger
  when they touch the lock: they find none of their own
given a controller that was dismissed
  when it locks again: it reverts NotController; what it locked before stays with it
"""

import pytest
from brownie import StakeVault
from conftest import ZERO, refused, word

NOBODY = "0x" + "00" * 20


@pytest.fixture(scope="module")
def vault(tokens, token, roles):
    """A vault where the hospital has staked 100, and the publisher is its controller."""
    offered = [roles.publisher, roles.clinic]
    made = StakeVault.deploy(tokens, 3600, offered, {"from": roles.owner})
    token.approve(made, 100, {"from": roles.owner})
    made.depositFor(roles.hospital, token, 100, {"from": roles.owner})
    made.setController(roles.publisher, True, {"from": roles.hospital})
    return made


@pytest.fixture
def locked(vault, token, roles):
    """The publisher has locked 60 of them."""
    return vault.lock(roles.hospital, token, word(1), 60, {"from": roles.publisher})


def test_t38_a_strangers_contract_cannot_be_named(vault, roles):
    with refused("NotOffered", roles.stranger):
        vault.setController(roles.stranger, True, {"from": roles.hospital})
    assert vault.isOffered(roles.publisher)
    assert not vault.isOffered(roles.stranger)


def test_a_lock_is_its_controllers(vault, token, roles, locked):
    event = locked.events["StakeLocked"]
    assert (event["controller"], event["account"]) == (roles.publisher, roles.hospital)
    assert (event["lockId"], event["token"], event["amount"]) == (word(1), token, 60)
    assert vault.lockOf(roles.publisher, roles.hospital, token, word(1)) == 60
    assert vault.lockedOf(roles.hospital, token) == 60
    assert vault.freeOf(roles.hospital, token) == 40
    with refused("InsufficientFree", roles.hospital.address, token.address, 41, 40):
        vault.requestExit(token, 41, {"from": roles.hospital})


def test_only_free_stake_is_locked(vault, token, roles, locked):
    by = {"from": roles.publisher}
    with refused("InsufficientFree", roles.hospital.address, token.address, 41, 40):
        vault.lock(roles.hospital, token, word(2), 41, by)
    with refused("ZeroAmount"):
        vault.lock(roles.hospital, token, word(2), 0, by)
    vault.lock(roles.hospital, token, word(1), 40, by)
    assert vault.lockOf(roles.publisher, roles.hospital, token, word(1)) == 100


def test_an_account_names_its_controllers(vault, token, roles):
    assert vault.isController(roles.hospital, roles.publisher)
    assert not vault.isController(roles.publisher, roles.publisher)
    tx = vault.setController(roles.clinic, True, {"from": roles.hospital})
    event = tx.events["ControllerSet"]
    assert (event["account"], event["controller"]) == (roles.hospital, roles.clinic)
    assert event["allowed"] is True
    with refused("NotController", roles.hospital.address, roles.stranger.address):
        vault.lock(roles.hospital, token, word(1), 1, {"from": roles.stranger})


def test_nobody_else_reaches_a_lock(vault, token, roles, locked):
    vault.setController(roles.clinic, True, {"from": roles.hospital})
    for other in (roles.clinic, roles.stranger, roles.hospital):
        missing = ("InsufficientLock", other.address, roles.hospital.address, word(1), 1, 0)
        with refused(*missing):
            vault.unlock(roles.hospital, token, word(1), 1, {"from": other})
        with refused(*missing):
            vault.slash(roles.hospital, token, word(1), 1, other, {"from": other})


def test_no_more_than_the_lock_is_unlocked_or_slashed(vault, token, roles, locked):
    by = {"from": roles.publisher}
    more = (roles.publisher.address, roles.hospital.address, word(1), 61, 60)
    with refused("InsufficientLock", *more):
        vault.unlock(roles.hospital, token, word(1), 61, by)
    with refused("InsufficientLock", *more):
        vault.slash(roles.hospital, token, word(1), 61, roles.clinic, by)
    for call in (
        lambda: vault.unlock(roles.hospital, token, word(1), 0, by),
        lambda: vault.slash(roles.hospital, token, word(1), 0, roles.clinic, by),
    ):
        with refused("ZeroAmount"):
            call()


def test_what_is_unlocked_is_free(vault, token, roles, locked):
    tx = vault.unlock(roles.hospital, token, word(1), 60, {"from": roles.publisher})
    assert tx.events["StakeUnlocked"]["amount"] == 60
    assert vault.freeOf(roles.hospital, token) == 100
    assert vault.lockedOf(roles.hospital, token) == 0


def test_a_slash_awards_whom_it_names_and_anyone_has_it_paid(vault, token, roles, locked):
    tx = vault.slash(roles.hospital, token, word(1), 45, roles.clinic, {"from": roles.publisher})
    event = tx.events["StakeSlashed"]
    assert (event["controller"], event["account"]) == (roles.publisher, roles.hospital)
    assert (event["lockId"], event["token"]) == (word(1), token)
    assert (event["amount"], event["to"]) == (45, roles.clinic)
    assert vault.awardOf(roles.clinic, token) == 45
    assert vault.lockedOf(roles.hospital, token) == 15
    paid = vault.collect(roles.clinic, token, {"from": roles.stranger})
    assert paid.events["AwardCollected"]["amount"] == 45
    assert (token.balanceOf(roles.clinic), vault.owed(token)) == (45, 55)
    with refused("NothingToWithdraw", roles.clinic.address, token.address):
        vault.collect(roles.clinic, token, {"from": roles.stranger})


def test_no_award_to_nobody_or_to_the_vault(vault, token, roles, locked):
    for to in (NOBODY, vault.address):
        with refused("WrongRecipient", to):
            vault.slash(roles.hospital, token, word(1), 1, to, {"from": roles.publisher})


def test_a_lock_outlives_its_controllers_dismissal(vault, token, roles, locked):
    vault.setController(roles.publisher, False, {"from": roles.hospital})
    by = {"from": roles.publisher}
    with refused("NotController", roles.hospital.address, roles.publisher.address):
        vault.lock(roles.hospital, token, word(1), 1, by)
    vault.slash(roles.hospital, token, word(1), 20, roles.clinic, by)
    vault.unlock(roles.hospital, token, word(1), 40, by)
    assert vault.freeOf(roles.hospital, token) == 80


def test_locks_of_one_account_are_kept_apart(vault, token, roles, locked):
    by = {"from": roles.publisher}
    vault.lock(roles.hospital, token, word(2), 40, by)
    vault.unlock(roles.hospital, token, word(1), 60, by)
    assert vault.lockOf(roles.publisher, roles.hospital, token, word(2)) == 40
    assert vault.lockOf(roles.publisher, roles.hospital, token, ZERO) == 0
