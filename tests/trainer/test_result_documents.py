"""Result documents (R-9): one text, entries in order, amounts that no language rounds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from registry.audit.results import read_result_document

from registry.documents import canonical
from registry.errors import ConfigError
from registry.result_document import ResultDocument
from trainer.errors import Reason
from trainer.results import proposal_of, result_document
from trainer.types import AcceptedUpdate, RefusedUpdate

ADDRESSES = [f"0x{index:040x}" for index in (5, 3, 9, 1)]


def document(budget: int = 10**24 + 1, count: int = 3) -> ResultDocument:
    """A result of some accepted updates and a refused one, given out of order."""
    vector = np.ones(1, np.int8)
    updates = [
        AcceptedUpdate(address, bytes([at]) * 32, bytes([at + 8]) * 32, at + 1, vector)
        for at, address in enumerate(ADDRESSES[:count])
    ]
    scores = {update.participant: 7 * update.weight for update in updates}
    refused = [RefusedUpdate(ADDRESSES[3], Reason.SIGNATURE, "x" * 1_000)]
    words = (b"\x01" * 32, b"\x02" * 32, b"\x03" * 32)
    return result_document(*words, "examples", budget, updates, scores, refused)


@given(st.integers(0, 2**256 - 1), st.integers(1, 3))
def test_a_document_comes_back_as_it_was(budget: int, count: int) -> None:
    made = document(budget, count)
    found = ResultDocument.parse(made.to_json())
    assert found == made
    assert found.to_json() == made.to_json()
    assert sum(found.shares.values()) == budget


def test_entries_are_by_ascending_address() -> None:
    assert [entry.participant for entry in document().accepted] == sorted(ADDRESSES[:3])


def test_the_proposal_names_the_text_by_its_hash() -> None:
    made = document()
    proposal = proposal_of(made)
    assert (proposal.accepted, proposal.total_weight) == (3, 6)
    assert proposal.document_digest != proposal_of(document(5)).document_digest


def test_the_audit_reads_what_the_trainer_writes() -> None:
    made = document()
    read = read_result_document(made.to_json())
    assert read.shares == made.shares
    assert read.scores == {entry.participant: entry.score for entry in made.accepted}
    assert read.refused == {ADDRESSES[3]: "signature"}
    assert (read.result_root, read.version_digest) == (made.result_root, made.version_digest)
    assert read.accepted == {
        e.participant: (e.update_root, e.content_digest, e.weight) for e in made.accepted
    }


def test_a_long_detail_is_cut() -> None:
    assert len(document().refused[0].detail) == 300


def changed(path: list[Any], value: Any) -> bytes:
    """The document's text with one place changed."""
    fields = json.loads(document().to_json())
    place = fields
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return canonical(fields)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["format"], "tallystick/result/2"),
        (["surprise"], 1),
        (["budget"], 5),
        (["budget"], "05"),
        (["budget"], "-1"),
        (["budget"], "²"),
        (["budget"], "9" * 100),
        (["accepted"], {}),
        (["accepted", 0, "weight"], -1),
        (["accepted", 0, "weight"], True),
        (["accepted", 0, "participant"], "0x12"),
        (["accepted", 0, "participant"], "0x" + "zz" * 20),
        (["accepted", 0, "updateRoot"], "0x"),
        (["accepted", 0, "participant"], ADDRESSES[2]),
        (["refused", 0, "reason"], "mood"),
        (["scores"], {}),
        (["shares"], []),
        (["shares", ADDRESSES[0]], 5),
        (["scores", ADDRESSES[0]], -1),
        (["scores", "0x" + "7" * 40], 5),
        (["accepted", 0, "surprise"], 5),
        (["resultRoot"], "0x" + "0" * 63),
    ],
)
def test_documents_that_cannot_be_are_refused(path: list[Any], value: Any) -> None:
    with pytest.raises(ConfigError):
        ResultDocument.parse(changed(path, value))
