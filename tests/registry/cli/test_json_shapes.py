"""--json: what scripts get, key by key, and that it is the same story as the one for people."""

from __future__ import annotations

import json
from typing import Any

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, PUBLISHER

from registry.chain.artifacts import CONTRACTS
from registry.cli.output import json_text


@pytest.fixture
def lantern(tally: Tally) -> Any:
    """A published model with a channel; returns what publishing told."""
    return tally.json("publish", tally.model("lantern"), "--licence", "MIT", "--channel", "stable")


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["model", "register", "other"], {"modelId", "owner", "slug"}),
        (["model", "publisher", "lantern", PUBLISHER.address], {"account"}),
        (["model", "transfer", "lantern", PUBLISHER.address], {"to", "maySeeContent"}),
        (["channel", "set", "lantern", "canary", "1"], {"channel", "version"}),
        (["version", "deprecate", "lantern:1"], {"version", "status"}),
        (["version", "yank", "lantern:1", "--reason", "x"], {"version", "status"}),
        (["access", "grant", "lantern", HOSPITAL.address], {"user", "expiry", "key"}),
        (["fetch", "lantern", "--to", "x"], {"path", "version", "files", "status", "reason"}),
        (["reward", "balance"], {"account", "balance"}),
        (["account", "show"], {"address", "publicKey"}),
        (["deploy"], {"file", "sha256", "contracts"}),
        (
            ["audit"],
            {
                "anchor",
                "believed",
                "block",
                "blockHash",
                "chainId",
                "checked",
                "findings",
                "skipped",
                "successor",
            },
        ),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_a_result_is_one_object_with_these_keys(
    tally: Tally, lantern: Any, words: list[str], keys: set[str]
) -> None:
    assert set(tally.json(*words)) == keys


VERSION_KEYS = [
    *("version", "published", "status", "reason", "cid", "licence", "round", "publisher"),
    "block",
]
CHANNEL_KEYS = ["channel", "version", "since", "until", "who", "how"]
LINEAGE_KEYS = [
    *("depth", "name", "owner", "version", "status", "round", "publisher", "participants"),
]


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["model", "list"], ["name", "owner", "visibility", "versions"]),
        (["version", "list", "lantern"], VERSION_KEYS),
        (["channel", "history", "lantern"], CHANNEL_KEYS),
        (["lineage", "lantern"], LINEAGE_KEYS),
        (["doctor"], ["part", "state", "note"]),
    ],
    ids=lambda value: " ".join(value[:2]) if "-" not in value[0] else None,
)
def test_a_table_is_a_list_of_objects_with_these_keys(
    tally: Tally, lantern: Any, words: list[str], keys: list[str]
) -> None:
    rows = tally.json(*words)
    assert rows
    assert all(list(row) == keys for row in rows)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["model", "list"], "no model yet: tally publish PATH"),
        (["version", "list", "empty"], "empty has no version yet"),
        (["channel", "history", "empty"], "empty had no channel"),
        (["access", "list", "empty"], "empty has no grant"),
        (["round", "list", "empty"], "empty has no round yet"),
        (["account", "list"], "no keystore yet: tally account new"),
    ],
    ids=lambda value: " ".join(value[:2]) if isinstance(value, list) else None,
)
def test_an_empty_table_is_an_empty_list_and_a_sentence_for_people(
    tally: Tally, words: list[str], says: str
) -> None:
    if "empty" in words:
        tally.json("model", "register", "empty")
    assert tally.told(*words) == says + "\n"
    assert tally.json(*words) == []


def test_bytes_are_hex_amounts_are_text_of_any_size_and_counters_are_numbers(
    tally: Tally, lantern: Any
) -> None:
    assert len(bytes.fromhex(lantern["modelId"].removeprefix("0x"))) == 32
    assert lantern["version"] == 1
    assert tally.json("reward", "balance", "--account", OWNER.address)["balance"] == str(10**24)
    assert tally.json("reward", "balance", "--account", HOSPITAL.address)["balance"] == "0"
    assert int(tally.json("account", "fund", HOSPITAL.address)["wei"]) > 10**18


def test_a_number_stays_one_beyond_what_a_float_holds() -> None:
    assert (
        json_text({"expiry": 2**64 - 1, "small": 7})
        == '{"expiry": 18446744073709551615, "small": 7}'
    )
    assert json_text({"loss": float("nan"), "norm": 0.5}) == '{"loss": null, "norm": 0.5}'


def test_what_is_not_there_is_null(tally: Tally, lantern: Any) -> None:
    (version,) = tally.json("version", "list", "lantern")
    assert version["round"] is None
    assert tally.json("model", "show", "lantern")["pendingOwner"] is None


def test_json_is_one_line_on_standard_output_and_nothing_else(tally: Tally, lantern: Any) -> None:
    for words in (["deploy"], ["access", "grant", "lantern", HOSPITAL.address], ["model", "list"]):
        done = tally.run(*words, "--json")
        assert (done.err, done.out.count("\n")) == ("", 1)
        json.loads(done.out)


def test_a_model_s_page_tells_its_state(tally: Tally, lantern: Any) -> None:
    tally.json("model", "publisher", "lantern", PUBLISHER.address)
    tally.json("model", "transfer", "lantern", HOSPITAL.address)
    assert tally.json("model", "show", "lantern") == {
        "modelId": lantern["modelId"],
        "slug": "lantern",
        "owner": OWNER.address,
        "pendingOwner": HOSPITAL.address,
        "visibility": "public",
        "publishers": [PUBLISHER.address],
        "versions": 1,
        "channels": {"stable": 1},
        "rounds": 0,
    }


def test_people_and_scripts_are_told_the_same_content_id(tally: Tally, lantern: Any) -> None:
    again = tally.told("publish", "lantern", "--licence", "MIT", "--channel", "stable")
    account = tally.json("account", "show")["address"]
    assert again == f"published version 1\ncid {lantern['cid']}\nmodel {account}/lantern\n"


def test_in_a_pipe_a_row_stays_on_one_line(tally: Tally, lantern: Any) -> None:
    heading, row = tally.told("version", "list", "lantern").splitlines()
    assert heading.split()[:4] == ["version", "published", "(UTC)", "status"]
    assert [row.split()[0], *row.split()[3:6]] == ["1", "active", "MIT", lantern["cid"]]


def test_what_a_publisher_wrote_is_no_markup(tally: Tally) -> None:
    tally.json("publish", tally.model("bold"))
    tally.json("version", "yank", "bold:1", "--reason", "[bold]never[/bold] [/]")
    assert "[bold]never[/bold] [/]" in tally.refused("fetch", "bold:1", "--to", "x", code=2)


def test_the_contracts_of_a_deployment_are_named(tally: Tally, world: DeployedScenario) -> None:
    told = tally.json("deploy")
    expected = {name: world.deployment.address(name) for name in CONTRACTS}
    assert told["contracts"] == expected
    assert all(address in tally.told("deploy") for address in expected.values())
