"""claim, announceSweep, sweep

given an active root over hospital 600 and clinic 300
  when anyone claims for an account: the account gets what is new
  when the root is unknown, not active or no more current, or the proof fails: it reverts
given a newer root over hospital 700 and clinic 300
  when the hospital claims: it gets the difference
given an announced end of claims that has come
  when the owner sweeps: it gets what is left; before that, or by another, it reverts
"""

import pytest
from conftest import ACTIVATION_DELAY, CLAIM_PERIOD, ZERO, reach, refused, refused_early, word

from registry.merkle import StandardTree


@pytest.fixture
def post(distributor, token, roles, model):
    """Funds 1,000 units; returns a function that posts two amounts and gives root and tree."""
    token.approve(distributor, 1000, {"from": roles.owner})
    distributor.fund(model, token, 1000, {"from": roles.owner})

    def make(hospital, clinic):
        leaves = [[roles.hospital.address, hospital], [roles.clinic.address, clinic]]
        tree = StandardTree(leaves, ["address", "uint256"])
        root = "0x" + tree.root.hex()
        total = min(1000, hospital + clinic)
        tx = distributor.postRoot(model, token, root, total, word(6), {"from": roles.owner})
        return root, tree, tx.timestamp + ACTIVATION_DELAY

    return make


@pytest.fixture
def claim(distributor, token, roles, model):
    """Returns a function by which a stranger claims for an account."""

    def make(root, account, amount, proof):
        by = {"from": roles.stranger}
        return distributor.claim(model, token, root, account, amount, proof, by)

    return make


def test_p3_a_claim_pays_the_account_what_is_new(distributor, token, roles, model, post, claim):
    root, tree, at = post(600, 300)
    reach(at)
    tx = claim(root, roles.hospital, 600, tree.proof(0))
    event = tx.events["PayoutClaimed"]
    assert (event["account"], event["amount"], event["cumulative"]) == (roles.hospital, 600, 600)
    root, tree, at = post(700, 300)
    reach(at)
    assert claim(root, roles.hospital, 700, tree.proof(0)).events["PayoutClaimed"]["amount"] == 100
    claim(root, roles.clinic, 300, tree.proof(1))
    assert (token.balanceOf(roles.hospital), token.balanceOf(roles.clinic)) == (700, 300)
    assert distributor.claimedOf(model, token, roles.hospital) == 700
    assert distributor.distributionOf(model, token)[:2] == (1000, 1000)


def test_t17_a_second_claim_and_a_lowered_one_pay_nothing(roles, token, post, claim):
    root, tree, at = post(600, 300)
    reach(at)
    claim(root, roles.hospital, 600, tree.proof(0))
    with refused("NothingToClaim", roles.hospital.address, 600, 600):
        claim(root, roles.hospital, 600, tree.proof(0))
    root, tree, at = post(500, 300)
    reach(at)
    with refused("NothingToClaim", roles.hospital.address, 500, 600):
        claim(root, roles.hospital, 500, tree.proof(0))
    assert token.balanceOf(roles.hospital) == 600


def test_t18_what_is_no_leaf_is_not_paid(roles, post, claim):
    root, tree, at = post(600, 300)
    reach(at)
    for account, amount, proof in (
        (roles.stranger, 600, tree.proof(0)),
        (roles.hospital, 601, tree.proof(0)),
        (roles.hospital, 600, tree.proof(1)),
        (roles.hospital, 600, []),
    ):
        with refused("InvalidProof", root, account.address, amount):
            claim(root, account, amount, proof)


def test_p4_a_root_that_lies_about_its_total_pays_no_more_than_was_funded(roles, post, claim):
    root, tree, at = post(600, 500)
    reach(at)
    claim(root, roles.hospital, 600, tree.proof(0))
    with refused("InsufficientFunding", 500, 400):
        claim(root, roles.clinic, 500, tree.proof(1))


def test_p5_only_an_active_root_pays(distributor, token, roles, model, post, claim):
    root, tree, at = post(600, 300)
    with refused_early("RootNotActive", root, at):
        claim(root, roles.hospital, 600, tree.proof(0))
    with refused("RootNotCurrent", word(9), ZERO):
        claim(word(9), roles.hospital, 600, tree.proof(0))
    reach(at)
    newer, newer_tree, at = post(700, 300)
    claim(root, roles.hospital, 600, tree.proof(0))  # as long as the newer one waits
    reach(at)
    claim(newer, roles.hospital, 700, newer_tree.proof(0))
    with refused("RootNotCurrent", root, newer):
        claim(root, roles.clinic, 300, tree.proof(1))


def test_p6_the_owner_alone_sweeps_and_not_before_the_period_ends(
    distributor, token, roles, model, post, claim
):
    root, tree, at = post(600, 300)
    reach(at)
    claim(root, roles.hospital, 600, tree.proof(0))
    with refused("NotOwnerOf", model, roles.stranger.address, roles.owner.address):
        distributor.sweep(model, token, roles.stranger, {"from": roles.stranger})
    with refused("SweepNotAnnounced", model, token.address):
        distributor.sweep(model, token, roles.publisher, {"from": roles.owner})
    with refused("NotOwnerOf", model, roles.stranger.address, roles.owner.address):
        distributor.announceSweep(model, token, {"from": roles.stranger})
    tx = distributor.announceSweep(model, token, {"from": roles.owner})
    end = tx.timestamp + CLAIM_PERIOD
    assert tx.events["SweepAnnounced"]["claimsEnd"] == end
    with refused_early("ClaimPeriodOpen", end):
        distributor.sweep(model, token, roles.publisher, {"from": roles.owner})
    reach(end)
    tx = distributor.sweep(model, token, roles.publisher, {"from": roles.owner})
    event = tx.events["DistributionSwept"]
    assert (event["to"], event["amount"]) == (roles.publisher, 400)
    assert token.balanceOf(roles.publisher) == 400
    assert distributor.distributionOf(model, token) == (600, 600, 0)
    with refused("RootNotCurrent", root, ZERO):
        claim(root, roles.clinic, 300, tree.proof(1))
    with refused("SweepNotAnnounced", model, token.address):
        distributor.sweep(model, token, roles.publisher, {"from": roles.owner})


def test_p6_what_comes_in_after_the_announcement_ends_it(
    distributor, token, roles, model, post, claim
):
    by = {"from": roles.owner}
    reach(post(600, 300)[2])
    end = distributor.announceSweep(model, token, by).timestamp + CLAIM_PERIOD
    token.approve(distributor, 1, by)
    assert "SweepCancelled" in distributor.fund(model, token, 1, by).events
    reach(end)
    with refused("SweepNotAnnounced", model, token.address):
        distributor.sweep(model, token, roles.owner, by)


def test_p6_a_distribution_without_a_root_is_not_swept(distributor, token, roles, model, post):
    with refused("NoCurrentRoot", model, token.address):
        distributor.announceSweep(model, token, {"from": roles.owner})
