"""fund, postRoot, disableRoot

given a model
  when anyone funds it: what arrived is what it can pay
  when its owner or a publisher posts a root: it waits for the activation delay
  when a stranger posts, or the total exceeds the funding, or the root is there or zero: it reverts
given a root
  when the owner disables it: it stays disabled; a publisher or a stranger can't
"""

import pytest
from conftest import ACTIVATION_DELAY, ZERO, refused, word


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
    assert distributor.rootOf(model, token, word(5)) == (at, False)
    with refused("RootExists", model, token.address, word(5)):
        distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.owner})


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


def test_p5_the_owner_alone_disables_a_root(distributor, registry, token, roles, model, funded):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    distributor.postRoot(model, token, word(5), 1, word(6), {"from": roles.publisher})
    for who in (roles.publisher, roles.stranger):
        with refused("NotOwnerOf", model, who.address, roles.owner.address):
            distributor.disableRoot(model, token, word(5), {"from": who})
    tx = distributor.disableRoot(model, token, word(5), {"from": roles.owner})
    assert tx.events["PayoutRootDisabled"]["root"] == word(5)
    assert distributor.rootOf(model, token, word(5))[1]
    with refused("RootIsDisabled", model, token.address, word(5)):
        distributor.disableRoot(model, token, word(5), {"from": roles.owner})
    with refused("UnknownRoot", model, token.address, word(8)):
        distributor.disableRoot(model, token, word(8), {"from": roles.owner})
