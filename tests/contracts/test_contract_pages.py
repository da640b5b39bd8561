"""The pages under docs/reference/contracts say everything that the contracts have.

given a contract
  when its interface is read: every function, event and error stands on its page
  when its deployed size is read from the snapshot: the page states it
"""

import json
import re
from pathlib import Path

import brownie
import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "docs" / "reference" / "contracts"
NAMES = (
    "Timelock",
    "EmergencyStop",
    "ModelRegistry",
    "RewardToken",
    "TokenList",
    "PayoutDistributor",
    "RewardPool",
    "Forfeits",
    "TermsRules",
    "TrainingRounds",
)
PARTS = ("Forfeits", "TermsRules")
"""What TrainingRounds is made with; no snapshot has their sizes."""


def page(name):
    return (PAGES / f"{name}.md").read_text()


@pytest.mark.parametrize("name", [*NAMES, *PARTS])
def test_every_function_event_and_error_stands_on_the_page(name):
    text = page(name) + (page("AccessGrants") if name == "ModelRegistry" else "")
    kinds = "function", "event", "error"
    named = [e["name"] for e in getattr(brownie, name).abi if e["type"] in kinds]
    assert [entry for entry in named if not re.search(rf"\b{entry}\b", text)] == []


def test_every_name_of_the_grants_stands_on_their_page():
    built = ROOT / "build" / "forge" / "IAccessGrants.sol" / "IAccessGrants.json"
    named = [entry["name"] for entry in json.loads(built.read_text())["abi"]]
    text = page("AccessGrants")
    assert [entry for entry in named if not re.search(rf"\b{entry}\b", text)] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_states_the_deployed_size(name):
    sizes = json.loads((ROOT / "tests" / "snapshots" / "bytecode.json").read_text())
    assert f"{int(sizes[name]):,} bytes" in page(name)
