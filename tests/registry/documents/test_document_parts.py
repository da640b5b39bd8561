"""Documents longer than a block: one text has one digest, and comes back whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from registry.documents.allow_list import AllowList
from registry.documents.canonical_json import canonical
from registry.documents.parts import LARGEST_DOCUMENT, PART_BYTES, Parts, document_digest
from registry.documents.result import (
    LARGEST_RESULT,
    MOST_SEATS,
    AcceptedEntry,
    ResultDocument,
    owed_shares,
)
from registry.errors import BlobNotFound, ConfigError
from registry.hashing import sha256
from registry.storage import RAW, Cid, MemoryStore, get_document, put_document

ROUND = b"\x07" * 32


def address(index: int) -> str:
    """An address whose checksum is right, as every digit is decimal."""
    return f"0x{index:040d}"


def result(count: int, **worst: Any) -> ResultDocument:
    """A result of so many participants; the amounts of `worst` where it names them."""
    accepted = tuple(
        AcceptedEntry(
            address(index),
            b"\x41" * 32,
            b"\x42" * 32,
            worst.get("weight", 600),
            worst.get("score", 600),
            worst.get("share", 10),
        )
        for index in range(1, count + 1)
    )
    whole = 10 * count
    excluded = {entry.participant: worst["why"] for entry in accepted if "why" in worst}
    return ResultDocument(
        ROUND, b"\1" * 32, b"\2" * 32, "weights", whole, accepted, (), None, excluded
    )


@pytest.mark.parametrize("size", [1, PART_BYTES, PART_BYTES + 1, 2 * PART_BYTES, 5_000_001])
def test_a_document_comes_back_by_its_digest(size: int) -> None:
    store, text = MemoryStore(), bytes(size - 1) + b"."
    digest = put_document(store, text)
    assert digest == document_digest(text)
    assert (digest == sha256(text)) == (size <= PART_BYTES)
    assert get_document(store, digest) == text


@pytest.mark.parametrize("size", [10, PART_BYTES, 3 * PART_BYTES + 1])
def test_every_block_of_a_document_is_pinned(size: int) -> None:
    store, text = MemoryStore(), bytes(size - 1) + b"."
    digest = put_document(store, text)
    parts = Parts.of(text).digests if size > PART_BYTES else ()
    assert len(parts) == (4 if size > PART_BYTES else 0)
    assert all(store.is_pinned(Cid(RAW, block)) for block in (digest, *parts))


def test_a_result_of_ten_thousand_is_stored_and_read() -> None:
    store, made = MemoryStore(), result(10_000)
    digest = put_document(store, made.to_json())
    text = get_document(store, digest, LARGEST_RESULT)
    assert len(text) > 3 * PART_BYTES
    assert ResultDocument.parse(text) == made
    assert sum(owed_shares(text, ROUND, 100_000).values()) == 100_000


def test_the_largest_result_holds_the_most_seats_at_their_longest() -> None:
    worst = {"weight": 2**64 - 1, "score": 2**64 - 1, "share": 10**77, "why": "y" * 300}
    one, three = (len(result(count, **worst).to_json()) for count in (1, 3))
    each = (three - one) // 2
    assert one + (MOST_SEATS - 1) * each <= LARGEST_RESULT <= LARGEST_DOCUMENT


@pytest.mark.slow
def test_an_allow_list_of_forty_thousand_is_stored_and_read() -> None:
    store = MemoryStore()
    listed = AllowList(tuple(address(index) for index in range(1, MOST_SEATS + 1)))
    assert put_document(store, listed.to_json()) == listed.digest
    assert AllowList.parse(get_document(store, listed.digest)) == listed
    assert listed.proof(address(1)) is not None


def test_a_document_without_one_of_its_parts_is_not_found() -> None:
    store, text = MemoryStore(), bytes(PART_BYTES) + b"the rest"
    digest = put_document(store, text)
    parts, without = Parts.of(text), MemoryStore()
    for known in (digest, parts.digests[0]):
        without.put_block(store.get_block(Cid(RAW, known)), RAW)
    with pytest.raises(BlobNotFound):
        get_document(without, digest)


@pytest.mark.parametrize(
    "change",
    [
        lambda fields: fields | {"bytes": PART_BYTES},  # it would fit a block: another digest
        lambda fields: fields | {"bytes": fields["bytes"] + 1},  # more than the parts have
        lambda fields: fields | {"bytes": 3 * PART_BYTES},
        lambda fields: fields | {"bytes": str(fields["bytes"])},
        lambda fields: fields | {"format": "tallystick/parts/2"},
        lambda fields: fields | {"parts": fields["parts"][:1]},
        lambda fields: fields | {"parts": ["0x12", *fields["parts"][1:]]},
        lambda fields: fields | {"more": 1},
    ],
)
def test_a_list_of_parts_that_is_not_sound_is_no_document(
    change: Callable[[dict[str, Any]], dict[str, Any]],
) -> None:
    store, text = MemoryStore(), bytes(PART_BYTES) + b"the rest"
    put_document(store, text)
    digests = ["0x" + digest.hex() for digest in Parts.of(text).digests]
    fields = {"format": "tallystick/parts/1", "bytes": len(text), "parts": digests}
    assert get_document(store, store.put_block(canonical(fields), RAW).digest) == text
    changed = canonical(change(fields))
    assert get_document(store, store.put_block(changed, RAW).digest) == changed
    assert owed_shares(changed, ROUND, 10) == {}


def test_more_than_its_reader_takes_is_not_gathered() -> None:
    store, text = MemoryStore(), bytes(2 * PART_BYTES)
    digest = put_document(store, text)
    assert get_document(store, digest, 2 * PART_BYTES - 1) == Parts.of(text).to_json()


def test_more_than_a_document_may_have_is_refused() -> None:
    with pytest.raises(ConfigError, match=f"at most {LARGEST_DOCUMENT} bytes"):
        put_document(MemoryStore(), bytes(LARGEST_DOCUMENT + 1))
