"""Details of refusals (R-9): plain text of bounded size, whatever a participant put into it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical, parse
from registry.documents.result import (
    LARGEST_RESULT,
    MOST_SEATS,
    AcceptedEntry,
    Reason,
    RefusedUpdate,
    ResultDocument,
)
from trainer.documents.details import plain_detail
from trainer.documents.results import result_document
from trainer.types import AcceptedUpdate

# Halves of characters and controls would be rare otherwise.
any_text = st.text(st.characters() | st.characters(whitelist_categories=("Cs", "Cc")))
WORST = ["\x00", "\ud800", '"', "\\", "\u2028", "\U0001f600", "ß", "\x7f", "x"]


def size(text: str) -> int:
    """The bytes of a text's JSON without its quotes."""
    return len(canonical({"": text})) - len(canonical({"": ""}))


@given(any_text)
def test_a_detail_is_plain_whatever_it_was(text: str) -> None:
    plain = plain_detail(text)
    assert parse(canonical({"detail": plain}), 10_000, "document") == {"detail": plain}
    assert not any(ord(character) < 32 or character == "\x7f" for character in plain)
    assert plain_detail(plain) == plain


def test_what_can_be_shown_stays_as_it_is() -> None:
    text = "größe 'α': expected \\ and \"values\", got 😀"
    assert plain_detail(text) == text
    assert plain_detail("a\nb\x1b[2J\ud800\u202e") == r"a\nb\x1b[2J\ud800\u202e"


@pytest.mark.parametrize("character", WORST, ids=ascii)
def test_a_detail_has_at_most_300_bytes_of_json(character: str) -> None:
    assert 290 < size(plain_detail(character * 1_000)) <= 300


@pytest.mark.parametrize("character", WORST, ids=ascii)
def test_r_9_a_result_of_every_seat_at_its_longest_can_be_read(character: str) -> None:
    def longest(count: int) -> tuple[int, int]:
        names = [f"0x{at:040x}" for at in range(count)]
        detail = plain_detail(character * 1_000)
        entries = tuple(
            AcceptedEntry(who, bytes(32), bytes(32), 2**64 - 1, 2**64 - 1, 2**256 - 1)
            for who in names
        )
        refused = tuple(RefusedUpdate(who, Reason.MISSING_CONTENT, detail) for who in names)
        words = bytes(32), bytes(32), bytes(32), "x" * 64, 2**256 - 1
        taken = ResultDocument(*words, entries, (), bytes(32), dict.fromkeys(names, detail))
        turned = ResultDocument(*words, entries[:1], refused, bytes(32))
        return len(taken.to_json()), len(turned.to_json())

    for one, ten in zip(longest(1), longest(10), strict=True):
        assert ten + (MOST_SEATS - 10) * -(-(ten - one) // 9) <= LARGEST_RESULT


def test_reasons_and_exclusions_are_made_plain_in_the_document() -> None:
    one, two, bad = (f"0x{at:040x}" for at in (1, 2, 3))
    vector = np.ones(1, np.int8)
    updates = [AcceptedUpdate(who, bytes(32), bytes(32), 1, vector) for who in (one, two)]
    refused = [RefusedUpdate(bad, Reason.SHAPE, "\ud800" * 400)]
    rest = updates, {one: 1, two: 0}, refused, None, {two: "a\nb\ud800"}
    made = result_document(bytes(32), bytes(32), bytes(32), "equal", 5, *rest)
    assert made.refused[0].detail.startswith(r"\ud800\ud800")
    assert made.excluded == {two: r"a\nb\ud800"}
    assert ResultDocument.parse(made.to_json()) == made
