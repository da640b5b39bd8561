"""fund, postRoot, activateRoot, cancelRoot

given a model
  when anyone funds it: what arrived is what it can pay
  when its owner or a publisher posts a root: it waits for the activation delay
  when a stranger posts, or the total exceeds the funding, or the root is zero: it reverts
given a root that waits
  when another is posted: it takes its place, with a delay of its own
  when the owner cancels it in time: it is gone; a publisher or a stranger can't
  when its time has come: anyone makes it current, unless its poster lost its role
"""

import pytest
from conftest import ACTIVATION_DELAY, ZERO, reach, refused, refused_early, word


@pytest.fixture
def funded(distributor, token, roles, model):
    """The model's payouts in the token, with 1,000 units."""
    token.approve(distributor, 1000, {"from": roles.owner})
    return distributor.fund(model, token, 1000, {"from": roles.owner})


def test_funding_adds_to_what_can_be_paid(distributor, token, roles, model, funded):
    event = funded.events["DistributionFunded"]
    assert (event["modelId"], event["token"]) == (model, token)
    assert (event["funder"], event["amount"]) == (roles.owner, 1000)
    assert distributor.distributionOf(model, token) == (1000, 0, 0)
    with refused("ZeroAmount"):
        distributor.fund(model, token, 0, {"from": roles.owner})


def test_nobody_funds_with_tokens_of_another(distributor, token, roles, model, funded):
    with refused("ERC20InsufficientAllowance", distributor.address, 0, 1):
        distributor.fund(model, token, 1, {"from": roles.stranger})


def test_a_root_waits_for_its_activation(distributor, token, roles, model, funded):
    tx = distributor.postRoot(model, token, word(5), 1000, word(6), {"from": roles.owner})
    event = tx.events["PayoutRootPosted"]
    at = tx.timestamp + ACTIVATION_DELAY
    assert (event["root"], event["total"], event["activatesAt"]) == (word(5), 1000, at)
    assert event["documentDigest"] == word(6)
    assert event["poster"] == roles.owner
    assert distributor.pendingRootOf(model, token) == (word(5), roles.owner, at)
    again = distributor.postRoot(model, token, word(5), 1, word(7), {"from": roles.owner})
    dropped = again.events["PayoutRootDropped"]
    assert (dropped["root"], dropped["by"]) == (word(5), roles.owner)
    at = again.timestamp + ACTIVATION_DELAY
    with refused_early("RootNotActive", word(5), at):
        distributor.activateRoot(model, token, {"from": roles.stranger})
    reach(at)
    tx = distributor.activateRoot(model, token, {"from": roles.stranger})
    event = tx.events["PayoutRootActivated"]
    assert (event["root"], event["former"]) == (word(5), ZERO)
    assert distributor.currentRootOf(model, token) == word(5)
    with refused("NoPendingRoot", model, token.address):
        distributor.activateRoot(model, token, {"from": roles.stranger})


def test_p4_a_total_above_the_funding_is_refused(distributor, token, roles, model, funded):
    with refused("RootExceedsFunding", 1001, 1000):
        distributor.postRoot(model, token, word(5), 1001, word(6), {"from": roles.owner})
    with refused("ZeroRoot"):
        distributor.postRoot(model, token, ZERO, 1, word(6), {"from": roles.owner})


def test_a_publisher_posts_and_a_stranger_does_not(
    distributor, registry, token, roles, model, funded
):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.publisher})
    with refused("NotPublisherOf", model, roles.stranger.address):
        distributor.postRoot(model, token, word(7), 1, word(6), {"from": roles.stranger})


def test_p5_the_owner_alone_cancels_a_root_in_time(
    distributor, registry, token, roles, model, funded
):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.publisher})
    for who in (roles.publisher, roles.stranger):
        with refused("NotOwnerOf", model, who.address, roles.owner.address):
            distributor.cancelRoot(model, token, {"from": who})
    tx = distributor.cancelRoot(model, token, {"from": roles.owner})
    assert tx.events["PayoutRootDropped"]["root"] == word(5)
    with refused("NoPendingRoot", model, token.address):
        distributor.cancelRoot(model, token, {"from": roles.owner})
    tx = distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.publisher})
    at = tx.timestamp + ACTIVATION_DELAY
    reach(at)
    with refused_early("RootIsDue", word(5), at):
        distributor.cancelRoot(model, token, {"from": roles.owner})


def test_p5_the_root_of_a_removed_publisher_never_becomes_current(
    distributor, registry, token, roles, model, funded
):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    tx = distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.publisher})
    registry.removePublisher(model, roles.publisher, {"from": roles.owner})
    reach(tx.timestamp + ACTIVATION_DELAY)
    with refused("PosterNotPublisher", model, word(5), roles.publisher.address):
        distributor.activateRoot(model, token, {"from": roles.stranger})
