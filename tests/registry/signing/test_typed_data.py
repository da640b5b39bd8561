"""EIP-712 digests against eth-account's vectors, and what binds a signature to its place (T-14)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import encode_typed_data

from registry.errors import ConfigError
from registry.signing import (
    CommitmentStatement,
    Domain,
    LocalSigner,
    Statement,
    UpdateStatement,
    digest,
    recover,
    registry_domain,
    rounds_domain,
    typed_data_json,
)

CASES = json.loads(Path(__file__).parents[2].joinpath("vectors/eip712.json").read_text())["cases"]
HOSPITAL = LocalSigner.from_key(bytes(31) + b"\x07")
DOMAIN = rounds_domain(31337, "0x" + "11" * 20)
STATEMENT = UpdateStatement(b"\x01" * 32, HOSPITAL.address, b"\x02" * 32, 100)


def read(case: dict[str, Any]) -> tuple[Domain, Statement]:
    """Returns a vector's domain and statement."""
    said, message = case["domain"], case["message"]
    domain = Domain(said["name"], said["version"], said["chainId"], said["verifyingContract"])
    words = {k: bytes.fromhex(v[2:]) for k, v in message.items() if len(str(v)) == 66}
    if case["kind"] == "Update":
        statement: Statement = UpdateStatement(
            words["roundId"], message["participant"], words["updateRoot"], message["weight"]
        )
    else:
        statement = CommitmentStatement(
            words["roundId"], message["participant"], words["commitment"]
        )
    return domain, statement


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['kind']}-{c['domain']['chainId']}")
def test_r8_digests_and_signatures_are_those_of_the_vectors(case: dict[str, Any]) -> None:
    domain, statement = read(case)
    signer = LocalSigner.from_key(case["privateKey"])
    assert "0x" + domain.separator().hex() == case["domainSeparator"]
    assert "0x" + statement.struct_hash().hex() == case["structHash"]
    assert "0x" + digest(domain, statement).hex() == case["digest"]
    assert "0x" + signer.sign_typed(domain, statement).hex() == case["signature"]
    assert (
        recover(digest(domain, statement), bytes.fromhex(case["signature"][2:])) == signer.address
    )


def test_r8_and_r5_type_strings_are_the_specifications() -> None:
    update = "Update(bytes32 roundId,address participant,bytes32 updateRoot,uint64 weight)"
    assert UpdateStatement.type_string() == update
    commitment = "Commitment(bytes32 roundId,address participant,bytes32 commitment)"
    assert CommitmentStatement.type_string() == commitment


@pytest.mark.parametrize(
    "other",
    [
        replace(DOMAIN, chain_id=1),
        replace(DOMAIN, verifying_contract="0x" + "12" * 20),
        replace(DOMAIN, version="2"),
        registry_domain(31337, DOMAIN.verifying_contract),
    ],
)
def test_t14_a_signature_is_not_good_on_another_chain_or_contract(other: Domain) -> None:
    signature = HOSPITAL.sign_typed(DOMAIN, STATEMENT)
    assert recover(digest(DOMAIN, STATEMENT), signature) == HOSPITAL.address
    assert recover(digest(other, STATEMENT), signature) != HOSPITAL.address


@pytest.mark.parametrize(
    "other",
    [
        replace(STATEMENT, round_id=b"\x03" * 32),
        replace(STATEMENT, participant="0x" + "13" * 20),
        replace(STATEMENT, update_root=b"\x03" * 32),
        replace(STATEMENT, weight=101),
        CommitmentStatement(STATEMENT.round_id, HOSPITAL.address, STATEMENT.update_root),
    ],
)
def test_t14_a_signature_is_not_good_for_another_statement(other: Statement) -> None:
    signature = HOSPITAL.sign_typed(DOMAIN, STATEMENT)
    assert recover(digest(DOMAIN, other), signature) != HOSPITAL.address


def test_wallets_get_the_same_digest_from_the_json() -> None:
    encoded = encode_typed_data(full_message=typed_data_json(DOMAIN, STATEMENT))
    assert encoded.header == DOMAIN.separator()
    assert encoded.body == STATEMENT.struct_hash()


def test_an_addresss_spelling_does_not_matter() -> None:
    lower = replace(STATEMENT, participant=HOSPITAL.address.lower())
    assert lower == STATEMENT


@pytest.mark.parametrize(
    "change",
    [
        {"round_id": b"short"},
        {"round_id": "0x" + "00" * 32},
        {"participant": "0x1234"},
        {"weight": -1},
        {"weight": 2**64},
        {"weight": 1.0},
        {"weight": True},
    ],
)
def test_t29_values_that_do_not_fit_are_refused_before_they_are_hashed(change: Any) -> None:
    with pytest.raises(ConfigError, match="expected"):
        replace(STATEMENT, **change)


def test_a_domain_refuses_a_negative_chain_and_no_address() -> None:
    with pytest.raises(ConfigError, match="chainId"):
        rounds_domain(-1, "0x" + "11" * 20)
    with pytest.raises(ConfigError, match="address"):
        rounds_domain(1, "registry.eth")
