"""`tally doctor` says what is missing and how to get it, and fails only for what is required."""

from __future__ import annotations

from hashlib import sha256

import pytest
from command_line import Tally
from deployed_scenario import DeployedScenario

from registry.chain.artifacts import CONTRACTS


def parts(tally: Tally, *words: str) -> dict[str, dict[str, str]]:
    """The rows by the part's name."""
    return {row["part"]: row for row in tally.json("doctor", *words)}


def test_everything_here_is_found(tally: Tally, world: DeployedScenario) -> None:
    found = parts(tally)
    assert {row["state"] for row in found.values()} == {"ok"}
    assert found["chain"]["note"] == f"chain 31337 at {world.gateway.url}"
    assert found["deployment"]["note"] == str(world.deployments / "31337.json")
    told = sha256((world.deployments / "31337.json").read_bytes()).hexdigest()
    assert found["deployment's SHA-256"]["note"] == told
    assert found["contracts"]["note"] == f"{len(CONTRACTS)} shipped"


@pytest.mark.parametrize(
    ("words", "part", "says"),
    [
        (["--rpc", "http://127.0.0.1:9"], "chain and deployment", "is the node running?"),
        (["--deployments", "nowhere"], "chain and deployment", "run `tally deploy`"),
        (["--storage", ","], "storage", "set TALLY_STORAGE"),
    ],
    ids=["no chain", "no deployment", "no storage"],
)
def test_what_is_missing_is_told_with_the_remedy_and_is_no_failure(
    tally: Tally, words: list[str], part: str, says: str
) -> None:
    row = parts(tally, *words)[part]
    assert row["state"] == "missing"
    assert says in row["note"]


def test_a_node_that_is_down_does_not_hide_the_rest(tally: Tally) -> None:
    found = parts(tally, "--rpc", "http://127.0.0.1:9")
    assert found["storage"]["state"] == found["python"]["state"] == "ok"


def test_people_get_a_table(tally: Tally) -> None:
    heading, *rows = tally.told("doctor").splitlines()
    assert heading.split() == ["part", "state", "note"]
    assert any(row.startswith("anvil") for row in rows)
