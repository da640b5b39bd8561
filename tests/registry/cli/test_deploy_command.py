"""`tally deploy` on a chain that has a deployment: idempotent, and never silently other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario


@pytest.fixture
def made(tally: Tally, world: DeployedScenario) -> Iterator[list[str]]:
    """The words that deploy with a delay of 5 s into a folder of its own; undone afterwards."""
    snapshot = world.gateway.request("evm_snapshot", [])
    words = ["deploy", "--deployments", "mine"]
    tally.json(*words, "--activation-delay", "5")
    yield words
    world.gateway.request("evm_revert", [snapshot])


def test_options_that_contradict_a_deployment_are_refused_without_them_it_is_left(
    tally: Tally, made: list[str]
) -> None:
    text = (tally.folder / "mine/31337.json").read_bytes()
    said = tally.refused(*made, "--activation-delay", "86400", code=2)
    assert "--activation-delay 86400: PayoutDistributor was deployed with 5" in said
    said = tally.refused(*made, "--unbonding-delay", "1", code=2)
    assert "--unbonding-delay 1: StakeVault was deployed with 604800" in said
    tally.json(*made)
    tally.json(*made, "--activation-delay", "5", "--claim-period", "31536000")
    assert (tally.folder / "mine/31337.json").read_bytes() == text


def test_a_finished_deployment_is_told_as_such(tally: Tally, made: list[str]) -> None:
    said = tally.told(*made)
    assert "already deployed: mine/31337.json is finished, and nothing was sent" in said
    assert "written" not in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--activation-delay", "-1"], "--activation-delay: expected 0 to 31536000 seconds"),
        (["--claim-period", "0"], "--claim-period: expected 1 to 315360000 seconds"),
        (["--timelock-delay", "5184001"], "--timelock-delay: expected 0 to 5184000 seconds"),
        (["--stop-period", "0"], "--stop-period: expected 1 to 315360000 seconds"),
        (
            ["--unbonding-delay", str(1 << 63)],
            "--unbonding-delay: expected 0 to 31536000 seconds",
        ),
    ],
)
def test_times_out_of_range_are_refused_by_name(tally: Tally, words: list[str], says: str) -> None:
    assert says in tally.refused("deploy", *words, code=2)
