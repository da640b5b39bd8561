"""Journey: one trainer under three names is named by a report that anyone makes, without a key."""

from __future__ import annotations

import json
import re

import pytest
from chain_federation import MODEL, ChainFederation
from chain_parties import ChainScenario
from click.testing import CliRunner
from staked_federation import StakedFederation
from tests_roles import OWNER

from registry.cli.app import tally
from registry.errors import ConfigError, RoundError, TallystickError
from trainer.research.attacks import copy_cat

HEADINGS = ["participant", "weight", "norm", "cosine", "nearest", "its", "cosine", "update"]


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    """A published model and five keys, three of them one trainer's; a round that is over."""
    made = ChainFederation(place, OWNER, seats=5)
    made.publish_first()
    trained = made.training(1)
    names = [None, None, None, copy_cat(trained), copy_cat(trained, noise=0.002)]
    made.round([made.participant(i, training=training) for i, training in enumerate(names)])
    return made


def asked(place: ChainScenario, *words: str) -> tuple[str, TallystickError | None]:
    """What `tally train report` prints and ends with, where no key is set."""
    settings = place.settings(None)
    where = ["--rpc", settings.rpc, "--storage", settings.storage]
    where += ["--deployments", str(settings.deployments)]
    found = CliRunner(env={"TALLY_STATE": str(settings.state)}).invoke(
        tally, ["train", "report", MODEL, *where, *words]
    )
    error = found.exception
    assert error is None or isinstance(error, TallystickError), error
    return found.stdout, error


def test_t30_three_names_of_one_trainer_are_named(federation: ChainFederation) -> None:
    f = federation
    text, error = asked(f.place, "--json")
    assert error is None
    told = json.loads(text)
    zero, one, two, same, near = (person.address for person in f.people)
    assert (told["round"], told["agrees"], told["uncombined"]) == (1, True, None)
    found = {(a["participant"], a["kind"]): set(a["others"]) for a in told["anomalies"]}
    assert found == {
        (one, "duplicate"): {same},
        (same, "duplicate"): {one},
        (one, "near_duplicate"): {near},
        (same, "near_duplicate"): {near},
        (near, "near_duplicate"): {one, same},
    }
    by_name = {each["participant"]: each for each in told["participants"]}
    assert list(by_name) == sorted([zero, one, two, same, near], key=lambda a: int(a, 16))
    assert by_name[one]["norm"] == by_name[same]["norm"] > 0
    assert by_name[one]["nearestCosine"] == 1.0


def test_people_read_one_line_per_update_and_one_per_finding(federation: ChainFederation) -> None:
    f = federation
    text, error = asked(f.place, "--round", "1", "--near-duplicate", "0.9999")
    assert error is None
    head, headings, *lines, last = text.splitlines()
    told = "5 updates revealed, 5 counted, 0 excluded, 0 refused, 0 absent"
    assert head == f"round 1 of {MODEL}: {told}"
    assert headings.split() == HEADINGS
    updates, findings, measured = lines[:5], lines[5:-1], lines[-1]
    assert re.fullmatch(
        r"its base version, as participants measured it: accuracy 0\.\d+, loss \d\.\d+ "
        r"\(mean of 5\)",
        measured,
    )
    assert {len(line) for line in updates} == {len(headings) + len("counted") - len("update")}
    one, same = sorted((f.people[i].address for i in (1, 3)), key=lambda a: int(a, 16))
    assert findings == [
        f"{one}  duplicate: the same values as {same}",
        f"{same}  duplicate: the same values as {one}",
    ]
    assert last == "the result on the chain is what these updates come to"

    f.coordinator().open(f.terms(), f.document)
    refusals = {
        ("--round", "2"): (RoundError, "round 2 takes reveals until"),
        ("--round", "3"): (ConfigError, "lantern has no round 3"),
        ("--near-duplicate", "1.5"): (ConfigError, "--near-duplicate: expected 0 to 1, got 1.5"),
        ("--large", "some"): (ConfigError, "large: expected decimal text"),
    }
    for words, (kind, said) in refusals.items():
        text, error = asked(f.place, *words)
        assert (text, type(error)) == ("", kind)
        assert said in str(error)
    # Without a number, the round that still runs is passed over.
    assert asked(f.place)[0].startswith(head)


def test_a_round_under_stake_is_left_to_the_audit(place: ChainScenario) -> None:
    f = StakedFederation(place)
    f.blobs.put_bytes(f.document.to_json())
    f.board().open(f.terms(), f.stakes())
    text, error = asked(place, "--round", "1")
    assert (text, type(error)) == ("", RoundError)
    assert "round 1 is under stake" in str(error)
    assert "expected a round whose reveals are over" in str(asked(place)[1])
