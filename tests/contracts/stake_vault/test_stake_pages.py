"""The pages of what stake and its judgement add, and the code that they describe.

given the twelve contracts of stake and hidden rounds
  when their ABI is read: every function, event and error stands on their page
  when their size is read from the snapshot: the page states it
  when their version is read: it is the package's
  when brownie compiles them: the code is what forge compiles, but for the metadata at its end
given the gas of judging a chunk, as the snapshots have it
  when the table in the explanation is read: it holds the same figures
"""

import json
import re
import tomllib
from pathlib import Path

import brownie
import pytest

ROOT = Path(__file__).parents[3]
NAMES = (
    "StakeVault",
    "AggregationJudge",
    "VersionJudge",
    "SumJudge",
    "StakeFloors",
    "StakedRounds",
    "Disputes",
    "Questions",
    "Availability",
    "WeightedPayouts",
    "Evaluations",
    "HiddenRounds",
)


def page(name: str) -> str:
    """Returns a contract's page."""
    return (ROOT / "docs" / "reference" / "contracts" / f"{name}.md").read_text()


def snapshot(name: str) -> dict[str, int]:
    """Returns a group of snapshots."""
    text = (ROOT / "tests" / "snapshots" / f"{name}.json").read_text()
    return {label: int(value) for label, value in json.loads(text).items()}


@pytest.mark.parametrize("name", NAMES)
def test_every_function_event_and_error_of_stake_stands_on_its_page(name):
    named = [e["name"] for e in getattr(brownie, name).abi if e["type"] != "constructor"]
    assert [entry for entry in named if not re.search(rf"\b{entry}\b", page(name))] == []


@pytest.mark.parametrize("name", NAMES)
def test_the_page_states_the_size(name):
    assert f"{snapshot('stake_bytecode')[name]:,} bytes" in page(name)


def test_the_versions_are_the_packages(roles, tokens):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    by = {"from": roles.owner}
    judges = brownie.AggregationJudge.deploy(by), brownie.VersionJudge.deploy(by)
    vault = brownie.StakeVault.deploy(tokens, 1, [roles.owner], by)
    for made in (vault, *judges):
        assert made.VERSION() == version


@pytest.mark.parametrize("name", NAMES)
def test_brownie_and_forge_compile_the_same_stake(name):
    built = ROOT / "build" / "forge" / f"{name}.sol" / f"{name}.json"
    forged = json.loads(built.read_text())["deployedBytecode"]["object"].removeprefix("0x")
    browned = getattr(brownie, name)._build["deployedBytecode"]
    assert browned.startswith(forged)
    assert len(browned) - len(forged) == 2 * (1 + 0x33 + 2)


def test_the_explanation_tells_the_gas_of_a_whole_dispute():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    told = [f"{gas:,}" in text for gas in snapshot("wrong_chunk_gas").values()]
    assert len(told) == 39
    assert all(told)


def test_the_explanation_tells_the_gas_of_a_hidden_sum_s_dispute():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    found = snapshot("hidden_gas")
    rows = {label.rpartition(", length ")[0] for label in found}
    assert len(rows) == 8
    for row in rows:
        told = [found[f"{row}, length {length}"] for length in (10**4, 10**6, 10**8)]
        members, dropped, *graph = row.split(", ")
        cells = [members.split()[0], dropped.split()[0], *(graph or ["any"])]
        assert f"| {' | '.join(cells)} | {' | '.join(f'{gas:,}' for gas in told)} |" in text


def test_the_explanation_tells_the_gas_of_keystreams():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    found = snapshot("keystream_gas")
    for width in (13, 21, 38):
        told = [found[f"{name}, 32 seeds, width {width}"] for name in ("sha-256", "keccak-256")]
        told.append(found[f"sums of 64 rows, width {width}"])
        assert f"| {width} | {' | '.join(f'{gas:,}' for gas in told)} |" in text


def test_the_explanation_tells_the_gas_of_large_rounds():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    found = snapshot("large_round_gas")
    assert len(found) == 11
    for what in ("wrong chunk of updates", "wrong chunk of nodes", "wrong leaf", "left out"):
        told = [found.get(f"{what}, {count} participants") for count in (32, 1_056, 10_000)]
        cells = " | ".join(f"{gas:,}" if gas else "–" for gas in told)
        assert f"| {what} | {cells} |" in text


def test_the_explanation_tells_the_gas_of_certificates_and_payments():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    found = snapshot("stake_gas")
    assert {name for name, gas in found.items() if f"{gas:,}" not in text} <= {
        "01 registerModel with a CID of version 0"
    }


def test_the_explanation_tells_the_gas_of_a_version_s_chunk():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    found = snapshot("version_gas")
    for what in ("binary32", "bfloat16"):
        told = [found[f"{what}, length {length}"] for length in (10**6, 10**7, 10**8)]
        assert f"| {what} | {' | '.join(f'{gas:,}' for gas in told)} |" in text


def test_the_explanation_tells_the_gas_that_was_measured():
    text = (ROOT / "docs" / "explain" / "fraud-proofs.md").read_text()
    for name, gas in snapshot("dispute_gas").items():
        rule, width, *rest = name.split(", ")
        if len(rest) == 2:
            assert f"| {int(rest[1].split()[1]):,} |" in text
            assert f"| {gas:,} |" in text
            continue
        rows = re.findall(rf"^\| {rule} \| {width} \|(.*)\|$", text, re.M)
        at = {"4": 0, "8": 1, "16": 2, "32": 3}[rest[0].split()[0]]
        assert f"{gas:,}" in [row.split("|")[at].strip() for row in rows], name
    for name, gas in snapshot("median_gas").items():
        assert f"{gas:,}" in text, name


def test_the_page_of_hidden_rounds_tells_their_gas():
    text = page("HiddenRounds")
    for name, gas in snapshot("hidden_rounds_gas").items():
        assert f"| {name[3:]} | {gas:,} |" in text, name
