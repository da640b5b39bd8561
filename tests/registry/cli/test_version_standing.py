"""Who fetches or verifies a version is told what its publishers say of it."""

from __future__ import annotations

import pytest
from command_line import Tally
from tests_roles import HOSPITAL


@pytest.fixture
def lantern(tally: Tally) -> None:
    """A model whose first version is advised against, and whose second one isn't."""
    tally.json("publish", tally.model("lantern"), "--channel", "old")
    tally.json("publish", tally.model("lantern", "second"))
    tally.json("version", "deprecate", "lantern@old", "--reason", "superseded by 2")


def test_fetching_a_deprecated_version_warns_with_the_reason(tally: Tally, lantern: None) -> None:
    first, second = tally.told("fetch", "lantern:1", "--to", "got").splitlines()
    assert first.endswith("all verified")
    assert second == "warning: version 1 is deprecated: superseded by 2"
    told = tally.json("fetch", "lantern:1", "--to", "got")
    assert (told["status"], told["reason"]) == ("deprecated", "superseded by 2")


def test_an_active_version_is_fetched_without_a_word_more(tally: Tally, lantern: None) -> None:
    assert tally.told("fetch", "lantern:2", "--to", "got").count("\n") == 1
    told = tally.json("fetch", "lantern:2", "--to", "got")
    assert (told["status"], told["reason"]) == ("active", None)


def test_verifying_against_the_chain_warns_as_well(tally: Tally, lantern: None) -> None:
    tally.json("fetch", "lantern:1", "--to", "got")
    said = tally.told("verify", "got", "--name", "lantern:1").splitlines()
    assert said[1] == "warning: version 1 is deprecated: superseded by 2"
    told = tally.json("verify", "got", "--name", "lantern:1")
    assert (told["status"], told["reason"]) == ("deprecated", "superseded by 2")
    alone = tally.json("verify", "got")
    assert (alone["status"], alone["reason"]) == (None, None)


def test_a_version_that_was_yanked_after_it_was_fetched_is_named(
    tally: Tally, lantern: None
) -> None:
    tally.json("fetch", "lantern:2", "--to", "got")
    tally.json("version", "yank", "lantern:2", "--reason", "leaks names")
    said = tally.told("verify", "got", "--name", "lantern:2").splitlines()
    assert said[1] == "warning: version 2 is yanked: leaks names"


@pytest.mark.parametrize("verb", ["yank", "deprecate", "restore"])
def test_a_name_alone_says_not_which_version(tally: Tally, lantern: None, verb: str) -> None:
    reason = [] if verb == "restore" else ["--reason", "x"]
    said = tally.refused("version", verb, "lantern", *reason, code=2)
    assert "expected NAME:version or NAME@channel, got 'lantern'" in said
    assert "tally version list lantern" in said
    statuses = [row["status"] for row in tally.json("version", "list", "lantern")]
    assert statuses == ["deprecated", "active"]


def test_a_channel_says_which_version(tally: Tally, lantern: None) -> None:
    tally.json("version", "restore", "lantern@old")
    statuses = [row["status"] for row in tally.json("version", "list", "lantern")]
    assert statuses == ["active", "active"]


def test_whoever_was_revoked_and_keeps_the_key_is_told_of(tally: Tally) -> None:
    tally.json("publish", tally.model("sealed"), "--private")
    key = tally.json("account", "show", signer=HOSPITAL)["publicKey"]
    tally.told("access", "grant", "sealed", HOSPITAL.address, "--public-key", key)
    said = tally.told("access", "revoke", "sealed", HOSPITAL.address)
    assert f"{HOSPITAL.address} keeps the key it was granted" in said
    (tally.folder / "sealed" / "more.txt").write_text("later")
    told = tally.told("publish", "sealed")
    assert f"note: {HOSPITAL.address} was revoked and keeps its key" in told
