"""`tally reward`: roots that wait, claims, and an announced sweep (P-5, P-6)."""

from __future__ import annotations

from typing import Any

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, PUBLISHER

from registry.dates import date_text
from registry.documents.payouts import payout_document, payout_tree
from registry.storage import RAW, LocalStore

NAME = "payer"


@pytest.fixture
def model(world: DeployedScenario) -> bytes:
    """A model with 100 units to pay."""
    registry = world.contract("ModelRegistry", OWNER)
    registry.write("register", NAME, 0, bytes(32))
    model_id = bytes(registry.read("modelIdOf", OWNER.address, NAME))
    payer, token = world.contract("PayoutDistributor", OWNER), world.contract("RewardToken", OWNER)
    token.write("approve", payer.address, 100)
    payer.write("fund", model_id, token.address, 100)
    return model_id


def post(
    world: DeployedScenario, tally: Tally, model_id: bytes, amounts: dict[str, int], by: Any = OWNER
) -> None:
    """Stores and posts a root, which is due at once."""
    document = payout_document(amounts)
    cid = LocalStore(tally.folder / "blobs").put_block(document, RAW)
    token = world.deployment.address("RewardToken")
    total = sum(amounts.values())
    world.contract("PayoutDistributor", by).write(
        "postRoot", model_id, token, payout_tree(amounts).root, total, cid.digest
    )


def test_what_nobody_claims_is_swept_after_the_announced_end(
    tally: Tally, world: DeployedScenario, model: bytes
) -> None:
    post(world, tally, model, {HOSPITAL.address: 60, PUBLISHER.address: 40})
    assert tally.json("reward", "claim", NAME, "--account", HOSPITAL.address)["paid"] == "60"
    said = tally.refused("reward", "sweep", NAME, code=4)
    assert "announce it first: `tally reward announce-sweep`" in said
    end = tally.json("reward", "announce-sweep", NAME)["claimsEnd"]
    assert f"claims end at {date_text(end)}" in tally.told("reward", "show", NAME)
    assert "sweep again after that" in tally.refused("reward", "sweep", NAME, code=4)
    world.advance(end - world.gateway.timestamp())
    swept = tally.json("reward", "sweep", NAME, "--to", PUBLISHER.address)
    assert swept == {"to": PUBLISHER.address, "swept": "40"}
    told = tally.told("reward", "show", NAME)
    assert "funded 100, paid 60, swept 40" in told
    assert f"{NAME} has no payout root yet" in told


def test_a_root_of_who_is_no_publisher_any_more_is_cancelled(
    tally: Tally, world: DeployedScenario, model: bytes
) -> None:
    registry = world.contract("ModelRegistry", OWNER)
    registry.write("addPublisher", model, PUBLISHER.address)
    post(world, tally, model, {PUBLISHER.address: 100}, by=PUBLISHER)
    registry.write("removePublisher", model, PUBLISHER.address)
    refused = tally.refused("reward", "claim", NAME, "--account", PUBLISHER.address, code=2)
    assert f"{NAME} has no payout root" in refused
    said = tally.refused("reward", "announce-sweep", NAME, code=4)
    assert "drop it (`tally reward cancel-root`)" in said
    assert tally.json("reward", "cancel-root", NAME) == {"model": NAME}
    assert "no payout root waits" in tally.refused("reward", "cancel-root", NAME, code=4)
