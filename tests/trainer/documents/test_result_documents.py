"""Result documents (R-9): one text, entries in order, amounts that no language rounds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical
from registry.documents.result import Reason, RefusedUpdate, ResultDocument, owed_shares
from registry.errors import ConfigError
from trainer.documents.results import proposal_of, result_document
from trainer.types import AcceptedUpdate

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


def test_t56_what_a_reader_needs_follows_from_the_one_document() -> None:
    made = document()
    assert made.refusals == {ADDRESSES[3]: "signature"}
    assert made.scores == {entry.participant: entry.score for entry in made.accepted}
    assert made.weights == {entry.participant: entry.weight for entry in made.accepted}


def test_p8_a_document_owes_its_shares_and_nothing_if_it_is_not_the_rounds() -> None:
    made = document(budget=1_000)
    text = made.to_json()
    assert owed_shares(text, b"\x01" * 32, 1_000) == made.shares
    assert owed_shares(text, b"\x02" * 32, 1_000) == {}
    assert owed_shares(text, b"\x01" * 32, 999) == {}
    assert owed_shares(text.replace(b",", b", "), b"\x01" * 32, 1_000) == {}
    assert owed_shares(b" " * 1_500_000 + text, b"\x01" * 32, 1_000) == {}
    assert owed_shares(b"\xff", b"\x01" * 32, 1_000) == {}


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
        (["shares", "0x" + "7" * 40], "0"),
        (["excluded"], {"0x" + "7" * 40: "a stranger"}),
        (["accepted", 0, "surprise"], 5),
        (["accepted", 0, "weight"], 7.9),
        (["accepted", 0, "weight"], "1_0"),
        (["accepted", 0, "participant"], "0x" + "ab" * 20),
        (["shares", ADDRESSES[0]], "1_0"),
        (["shares", ADDRESSES[0]], "٣"),
        (["refused", 0, "reason"], {}),
        (["refused", 0, "detail"], 5),
        (["refused", 0, "detail"], "x" * 301),
        (["scoring"], 5),
        (["resultRoot"], "0x" + "0" * 63),
    ],
)
def test_documents_that_cannot_be_are_refused(path: list[Any], value: Any) -> None:
    with pytest.raises(ConfigError):
        ResultDocument.parse(changed(path, value))
