"""escrow, release, refund, withdrawRefund

given tokens that were just sent to the pool
  when a controller escrows them: they are its own round's, once
  when nothing was sent: it reverts EscrowNotReceived with both sums
given an escrow
  when anyone but its controller releases or refunds: it finds no escrow of its own
  when it is released or refunded: it can't be so again
  when a refund is withdrawn: the funder is paid, whoever calls
"""

import pytest
from conftest import refused, word

NONE, HELD, RELEASED, REFUNDABLE, WITHDRAWN = range(5)


@pytest.fixture
def held(pool, token, roles):
    """The owner, as a controller, escrowed 100 units that the hospital funds."""
    token.transfer(pool, 100, {"from": roles.owner})
    return pool.escrow(word(1), token, roles.hospital, 100, {"from": roles.owner})


def test_an_escrow_is_of_its_controller_and_round(pool, token, roles, held):
    event = held.events["BudgetEscrowed"]
    assert (event["controller"], event["funder"]) == (roles.owner, roles.hospital)
    assert (event["token"], event["amount"]) == (token, 100)
    assert pool.escrowOf(roles.owner, word(1)) == (token, HELD, roles.hospital, 100)
    assert pool.accounted(token) == 100
    with refused("EscrowExists", roles.owner.address, word(1)):
        pool.escrow(word(1), token, roles.hospital, 0, {"from": roles.owner})


def test_t20_what_did_not_arrive_is_no_escrow(pool, token, roles, held):
    with refused("EscrowNotReceived", token.address, 101, 100):
        pool.escrow(word(2), token, roles.stranger, 1, {"from": roles.stranger})


def test_a_budget_that_no_distribution_holds_is_refused(pool, token, roles):
    with refused("BudgetTooLarge", 2**112, 2**112 - 1):
        pool.escrow(word(2), token, roles.stranger, 2**112, {"from": roles.stranger})


def test_a_stranger_releases_and_refunds_nothing(pool, roles, model, held):
    by = {"from": roles.stranger}
    who = roles.stranger.address
    with refused("WrongEscrowState", who, word(1), HELD, NONE):
        pool.release(word(1), model, by)
    with refused("WrongEscrowState", who, word(1), HELD, NONE):
        pool.refund(word(1), by)
    with refused("WrongEscrowState", who, word(1), REFUNDABLE, NONE):
        pool.withdrawRefund(roles.stranger, word(1), by)


def test_a_release_moves_the_budget_to_the_payouts_once(
    pool, distributor, token, roles, model, held
):
    tx = pool.release(word(1), model, {"from": roles.owner})
    assert tx.events["BudgetReleased"]["amount"] == 100
    assert tx.events["DistributionFunded"]["funder"] == pool
    assert distributor.distributionOf(model, token)[0] == 100
    assert pool.accounted(token) == 0
    with refused("WrongEscrowState", roles.owner.address, word(1), HELD, RELEASED):
        pool.release(word(1), model, {"from": roles.owner})
    with refused("WrongEscrowState", roles.owner.address, word(1), HELD, RELEASED):
        pool.refund(word(1), {"from": roles.owner})


def test_a_refund_is_pulled_and_paid_to_the_funder_once(pool, token, roles, held):
    with refused("WrongEscrowState", roles.owner.address, word(1), REFUNDABLE, HELD):
        pool.withdrawRefund(roles.owner, word(1), {"from": roles.hospital})
    pool.refund(word(1), {"from": roles.owner})
    tx = pool.withdrawRefund(roles.owner, word(1), {"from": roles.stranger})
    assert tx.events["RefundWithdrawn"]["funder"] == roles.hospital
    assert token.balanceOf(roles.hospital) == 100
    with refused("WrongEscrowState", roles.owner.address, word(1), REFUNDABLE, WITHDRAWN):
        pool.withdrawRefund(roles.owner, word(1), {"from": roles.stranger})
