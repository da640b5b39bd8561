"""The bindings are what the shipped ABIs say, and stand for every struct and event in them."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from registry.chain.abi_values import solidity_fields, struct_hash, typed_value, untyped_value
from registry.chain.artifacts import CONTRACTS, load_artifact
from registry.chain.bindings import structs
from registry.chain.bindings.deployed import DeployedContracts
from registry.chain.bindings.events import BY_CONTRACT
from registry.fraud_proofs.stake_terms import AggregationRule, StakeTerms
from registry.hashing import keccak256

ROOT = Path(__file__).resolve().parent.parent
ZERO = bytes(32)


class Asked(dict[str, str]):
    """Has a name itself for whatever contract is asked for."""

    def __missing__(self, name: str) -> str:
        return name


def test_the_written_files_are_what_the_script_writes() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "export_bindings.py"), "--check"]
    done = subprocess.run(check, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("contract", CONTRACTS)
def test_every_event_has_a_class_with_its_parameters(contract: str) -> None:
    for entry in load_artifact(contract).abi:
        if entry["type"] == "event":
            kind = getattr(BY_CONTRACT[contract], entry["name"])
            made = kind(*range(len(fields(kind))))
            assert list(solidity_fields(made)) == [item["name"] for item in entry["inputs"]]


def test_every_contract_is_bound_by_its_name() -> None:
    bound = DeployedContracts(Asked())  # type: ignore[arg-type]
    names = [name for name, made in vars(DeployedContracts).items() if isinstance(made, property)]
    found = {type(getattr(bound, name)).__name__: getattr(bound, name).contract for name in names}
    assert found == {name: name for name in CONTRACTS}


def stake_terms() -> StakeTerms:
    return StakeTerms(
        token="0x0000000000000000000000000000000000000007",
        participant_stake=1,
        proposer_stake=2,
        bond=3,
        vector_length=4,
        rule=AggregationRule.TRIMMED_MEAN,
        trim=5,
        certify_window=6,
        answer_window=7,
        dispute_window=8,
        quorum=9,
        committee=ZERO,
        panel=ZERO,
        precision=32,
        base_root=b"\x04" * 32,
    )


def test_a_struct_is_encoded_and_decoded_to_itself() -> None:
    """The protocol's own class comes back, its enums too."""
    (entry,) = (e for e in load_artifact("StakedRounds").abi if e.get("name") == "lockStake")
    terms = stake_terms()
    back = typed_value(entry["inputs"][1], untyped_value(terms))
    assert back == terms
    assert type(back.rule) is AggregationRule


def test_the_hash_of_a_struct_is_of_its_words() -> None:
    server = structs.Result(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, 4, 5)
    words = b"\x01" * 32 + b"\x02" * 32 + b"\x03" * 32 + (4).to_bytes(32) + (5).to_bytes(32)
    assert struct_hash(server) == keccak256(words)
