"""A registry that another one succeeds says so wherever it is opened (G-5)."""

from __future__ import annotations

from typing import Any

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import OWNER, STRANGER


@pytest.fixture
def succeeded(world: DeployedScenario) -> Any:
    """The deployment, whose timelock has named a successor."""
    registry, timelock = world.contract("ModelRegistry"), world.contract("Timelock", OWNER)
    call = registry.call_data("nameSuccessor", STRANGER.address)
    delay = timelock.read("getMinDelay")
    timelock.write("schedule", registry.address, 0, call, bytes(32), bytes(32), delay)
    world.advance(delay)
    timelock.write("execute", registry.address, 0, call, bytes(32), bytes(32))
    return world


def test_a_command_tells_the_successor_in_one_line_on_standard_error(
    tally: Tally, succeeded: Any
) -> None:
    registry = succeeded.deployment.address("ModelRegistry")
    said = f"tally: registry {STRANGER.address} succeeds {registry}; get its deployment's file\n"
    for words in (["model", "list"], ["model", "list", "--json"], ["reward", "balance"]):
        done = tally.run(*words)
        assert (done.code, done.err) == (0, said)


def test_the_doctor_and_the_audit_tell_the_successor(tally: Tally, succeeded: Any) -> None:
    rows = {row["part"]: row["note"] for row in tally.json("doctor")}
    assert f"{STRANGER.address} succeeds it" in rows["registry"]
    assert tally.json("audit")["successor"] == STRANGER.address
    assert f"registry {STRANGER.address} succeeds this one" in tally.told("audit")


def test_without_a_successor_nothing_is_told(tally: Tally) -> None:
    assert tally.run("model", "list").err == ""
    rows = {row["part"]: row["note"] for row in tally.json("doctor")}
    assert "no registry succeeds it" in rows["registry"]
    assert tally.json("audit")["successor"] is None
