"""`tally log` and the histories: dates, who and why, and nothing leaves them (M-13)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.cli.moments import MOMENT, Moment
from registry.errors import ConfigError


def day_of(world: DeployedScenario) -> str:
    return f"{datetime.fromtimestamp(world.gateway.timestamp(), UTC):%Y-%m-%d}"


@pytest.fixture
def rolled_back(tally: Tally, world: DeployedScenario) -> list[str]:
    """A channel that was moved and rolled back on three days; returns them."""
    days = []
    for number in (1, 2):
        tally.json("publish", tally.model("lantern", str(number)), "--channel", "production")
        days.append(day_of(world))
        world.advance(2 * 86_400)
    tally.json("channel", "rollback", "lantern", "production")
    return [*days, day_of(world)]


def test_what_ran_in_production_on_a_day_and_who_put_it_there(
    tally: Tally, rolled_back: list[str]
) -> None:
    periods = tally.json("channel", "history", "lantern")
    assert [(p["version"], p["how"]) for p in periods] == [
        (1, "set"),
        (2, "set"),
        (1, "rolled back"),
    ]
    for number, day in zip((1, 2, 1), rolled_back, strict=True):
        *_, then = tally.json("channel", "history", "lantern", "production", "--on", day)
        assert (then["version"], then["who"]) == (number, OWNER.address)
    assert tally.json("channel", "history", "lantern", "canary") == []
    assert tally.told("channel", "history", "lantern", "--on", "2020-01-01") == (
        "lantern had no channel then\n"
    )


def test_the_log_is_cut_by_dates_and_kinds(tally: Tally, rolled_back: list[str]) -> None:
    entries = tally.json("log", "lantern")
    assert [e["kind"] for e in entries].count("channel") == 3
    since = tally.json("log", "lantern", "--since", rolled_back[2])
    assert [e["what"] for e in since] == ["production rolled back to version 1 from 2"]
    until = tally.json("log", "lantern", "--until", rolled_back[0])
    assert len(until) + len(tally.json("log", "lantern", "--since", rolled_back[1])) == len(entries)
    versions = tally.json("log", "lantern", "--kind", "version")
    assert [e["version"] for e in versions] == [1, 2]
    assert "nothing of that happened to lantern" in tally.told(
        "log", "lantern", "--until", "2020-01-01"
    )


def test_a_yank_is_told_where_the_version_is_met(tally: Tally, rolled_back: list[str]) -> None:
    tally.told("fetch", "lantern:2", "--to", "two")
    tally.told("version", "yank", "lantern:2", "--reason", "wrong labels")
    (yanked,) = [v for v in tally.json("version", "list", "lantern") if v["version"] == 2]
    assert (yanked["status"], yanked["reason"]) == ("yanked", "wrong labels")
    assert yanked["published"]
    assert "was yanked (wrong labels)" in tally.refused(
        "fetch", "lantern:2", "--to", "again", code=2
    )
    assert "warning: version 2 is yanked: wrong labels" in tally.told(
        "verify", "two", "--name", "lantern:2"
    )
    assert "expected NAME:version or NAME@channel" in tally.refused(
        "version", "yank", "lantern", "--reason", "x", code=2
    )
    assert [e["why"] for e in tally.json("log", "lantern")][-1] == "wrong labels"


def test_access_that_ended_is_still_told(tally: Tally) -> None:
    tally.json("publish", tally.model("secret"), "--private")
    tally.json("access", "grant", "secret", STRANGER.address)
    tally.json("access", "revoke", "secret", STRANGER.address)
    told = [(e["user"], e["what"]) for e in tally.json("access", "history", "secret")]
    assert told[1:] == [
        (STRANGER.address, f"{STRANGER.address} may read it"),
        (STRANGER.address, f"{STRANGER.address} may no longer read it"),
    ]


def test_an_offered_private_model_says_who_reads_what(tally: Tally) -> None:
    tally.json("publish", tally.model("secret"), "--private")
    to = HOSPITAL.address
    assert "expected --public-key" in tally.refused("model", "transfer", "secret", to, code=2)
    key = HOSPITAL.public_key.hex()
    offered = tally.told("model", "transfer", "secret", to, "--public-key", key)
    assert f"{to} can read secret from now on" in offered
    accepted = tally.told("model", "accept", "secret", signer=HOSPITAL)
    assert f"{OWNER.address} keeps its key and its grant" in accepted
    assert f"tally access revoke secret {OWNER.address}" in accepted


def test_from_takes_over_and_force_replaces(tally: Tally) -> None:
    tally.json("publish", tally.model("lantern"), "--licence", "MIT")
    tally.told("fetch", "lantern", "--to", "mine")
    (tally.folder / "mine" / "README.md").write_text("# Brighter\n")
    assert tally.json("publish", "mine", "--name", "lantern", "--from", "lantern:1")["version"] == 2
    assert [v["licence"] for v in tally.json("version", "list", "lantern")] == ["MIT", "MIT"]
    assert "--force to replace" in tally.refused("fetch", "lantern:2", "--to", "mine", code=2)
    tally.told("fetch", "lantern:2", "--to", "mine", "--force")
    assert "1 files match" in tally.told("verify", "mine", "--name", "lantern:2")


@pytest.mark.parametrize(
    ("text", "first", "lasts"),
    [
        ("1970-01-02", 86_400, 86_400),
        ("1970-01-01T00:01", 60, 60),
        ("1970-01-01 00:01:05", 65, 1),
        ("1970-01-01T00:01:05Z", 65, 1),
    ],
)
def test_a_date_is_a_day_a_minute_or_a_second_of_utc(text: str, first: int, lasts: int) -> None:
    assert MOMENT.convert(text, None, None) == Moment(first, first + lasts)


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "2026-02-30", "03/03/2026", "1"])
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected a date of UTC"):
        MOMENT.convert(text, None, None)
