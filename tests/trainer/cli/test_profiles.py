"""Windows come from a profile, by kind of chain, wherever they aren't said by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from registry.chain.deployment_parameters import PROFILES, Parameters
from trainer.cli.coordinate import coordinate
from trainer.cli.gossip import gossip
from trainer.cli.profiles import WINDOWS, profile_of, with_windows


@pytest.mark.parametrize(
    ("asked", "chain_id", "profile"),
    [
        (None, 31337, "local"),
        (None, 1337, "local"),
        (None, 5777, "local"),
        (None, 10, "l2"),
        (None, 1, "l2"),
        ("mainnet", 1, "mainnet"),
        ("mainnet", 31337, "mainnet"),
        ("local", 10, "local"),
    ],
)
def test_the_kind_of_chain_chooses_unless_somebody_does(
    asked: str | None, chain_id: int, profile: str
) -> None:
    assert profile_of({"profile": asked}, chain_id) == profile


def test_what_is_given_stays_and_what_is_not_is_the_profile_s() -> None:
    given: dict[str, Any] = {"challenge_seconds": 7, "certify_seconds": None, "other": 1}
    assert with_windows(given, "l2") == {
        "challenge_seconds": 7,
        "certify_seconds": 26 * 3600,
        "answer_seconds": 26 * 3600,
        "other": 1,
    }
    assert with_windows({"challenge_seconds": None}, "local")["challenge_seconds"] == 10


@pytest.mark.parametrize("profile", sorted(PROFILES))
def test_no_window_of_a_profile_is_below_the_floors_of_a_deployment_with_it(profile: str) -> None:
    floors, windows = PROFILES[profile], WINDOWS[profile]
    for window in ("challenge", "certify", "answer"):
        assert windows[f"{window}_seconds"] >= floors[f"least_{window}"]


def test_payouts_of_a_new_local_deployment_wait_for_nothing_and_others_a_day() -> None:
    assert Parameters().filled(local=True).activation_delay == 0
    assert Parameters().filled(local=False).activation_delay == 86_400
    assert Parameters(profile="local").filled(local=False).activation_delay == 0
    assert Parameters(profile="mainnet").filled(local=True).activation_delay == 86_400
    assert Parameters(activation_delay=9).filled(local=True).activation_delay == 9


@pytest.mark.parametrize("command", [coordinate, gossip])
def test_help_says_what_each_profile_makes_of_a_window(command: Any) -> None:
    said = " ".join(CliRunner().invoke(command, ["--help"]).output.split())
    assert "[default: by --profile: 10 local, 93600 l2, 7200 mainnet]" in said
    assert "[l2|local|mainnet]" in said
