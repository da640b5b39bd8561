"""Signed documents, statements and attestations, have one text each; no other is read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests_roles import OWNER

from registry.documents.attestations import SignedAttestation
from registry.documents.canonical_json import canonical
from registry.documents.statement import SignedUpdate
from registry.errors import ConfigError
from registry.signing import AttestationStatement, UpdateStatement, rounds_domain

DOMAIN = rounds_domain(31_337, "0x" + "ab" * 20)
UPDATE = SignedUpdate(DOMAIN, UpdateStatement(b"\1" * 32, OWNER.address, b"\2" * 32, 7), b"\3" * 65)
ATTESTATION = SignedAttestation(
    OWNER.address,
    AttestationStatement(
        round_id=b"\1" * 32,
        version_digest=b"\2" * 32,
        document_digest=b"\3" * 32,
        payout_root=b"\4" * 32,
        payout_total=5,
        payout_document=b"\6" * 32,
        scores_digest=b"\7" * 32,
    ),
    b"\5" * 65,
)
Change = Callable[[dict[str, Any]], object]


def test_what_is_written_is_read() -> None:
    assert SignedUpdate.parse(UPDATE.to_json()) == UPDATE
    assert SignedAttestation.parse(ATTESTATION.to_json()) == ATTESTATION


def test_f11_an_attestation_has_all_that_is_signed_under_its_own_name() -> None:
    fields, found = json.loads(ATTESTATION.to_json()), ATTESTATION.statement
    assert fields["format"] == "tallystick/attestation/2"
    assert fields["payoutTotal"] == "5"
    words = {
        "round": found.round_id,
        "versionDigest": found.version_digest,
        "documentDigest": found.document_digest,
        "payoutRoot": found.payout_root,
        "payoutDocument": found.payout_document,
        "scoresDigest": found.scores_digest,
    }
    assert {name: fields[name] for name in words} == {
        name: "0x" + value.hex() for name, value in words.items()
    }


def changed(text: bytes, change: Change) -> bytes:
    """The canonical text after a change."""
    fields = json.loads(text)
    change(fields)
    return canonical(fields)


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f.update(payoutTotal=5),
        lambda f: f.update(payoutTotal="05"),
        lambda f: f.update(payoutTotal="٥"),
        lambda f: f.update(payoutTotal=str(1 << 256)),
        lambda f: f.update(payoutTotal="9" * 5_000),
        lambda f: f.update(evaluator=f["evaluator"].lower()),
        lambda f: f.update(evaluator=7),
        lambda f: f.update(signature=f["signature"][2:]),
        lambda f: f.update(signature="0x05 05"),
        lambda f: f.update(signature=505),
        lambda f: f.update(format=None),
        lambda f: f.update(format="tallystick/attestation/1"),
        lambda f: f.update(documentDigest=f["documentDigest"][:-2]),
        lambda f: f.pop("documentDigest"),
        lambda f: f.update(payoutDocument=None),
        lambda f: f.pop("payoutDocument"),
        lambda f: f.update(note=""),
        lambda f: f.pop("round"),
    ],
)
def test_a_lax_attestation_is_refused_in_one_line(change: Change) -> None:
    with pytest.raises(ConfigError) as refused:
        SignedAttestation.parse(changed(ATTESTATION.to_json(), change))
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "change",
    [
        lambda f: f["message"].update(weight="7"),
        lambda f: f["message"].update(weight=True),
        lambda f: f["message"].update(weight=-1),
        lambda f: f["message"].update(weight=1 << 64),
        lambda f: f["message"].update(participant=f["message"]["participant"].lower()),
        lambda f: f["message"].update(participant=None),
        lambda f: f["message"].update(roundId="0x"),
        lambda f: f["message"].pop("updateRoot"),
        lambda f: f["domain"].update(chainId="31337"),
        lambda f: f["domain"].update(name=1),
        lambda f: f["domain"].update(salt=""),
        lambda f: f.update(domain=[]),
        lambda f: f.update(signature="0x03A"),
        lambda f: f.update(signature="0X" + f["signature"][2:]),
    ],
)
def test_a_lax_statement_is_refused_in_one_line(change: Change) -> None:
    with pytest.raises(ConfigError) as refused:
        SignedUpdate.parse(changed(UPDATE.to_json(), change))
    assert len(str(refused.value).splitlines()) == 1


def test_what_differs_from_what_was_revealed_is_named() -> None:
    UPDATE.require(DOMAIN, UPDATE.statement)
    with pytest.raises(ConfigError, match="domain differs from what was revealed"):
        UPDATE.require(rounds_domain(1, DOMAIN.verifying_contract), UPDATE.statement)
    other = UpdateStatement(b"\1" * 32, OWNER.address, b"\2" * 32, 8)
    with pytest.raises(ConfigError, match="message differs from what was revealed"):
        UPDATE.require(DOMAIN, other)
