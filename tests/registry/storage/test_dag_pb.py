"""T-26: the two protobuf messages are read with every length checked, or refused."""

from __future__ import annotations

import contextlib
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import BlobCorrupted
from registry.storage import DAG_PB, RAW, Cid
from registry.storage.dag_pb import (
    DIRECTORY,
    FILE,
    DagNode,
    Link,
    UnixFsData,
    decode_node,
    decode_unixfs,
    encode_node,
    encode_unixfs,
)

CID = Cid(RAW, bytes(32))
HASH = b"\x0a\x24" + CID.to_bytes()
LINKS = st.builds(
    Link,
    st.builds(Cid, st.sampled_from((RAW, DAG_PB)), st.binary(min_size=32, max_size=32)),
    st.text(st.characters(blacklist_categories=("Cs",)), max_size=20),
    st.integers(0, 2**64 - 1),
)


@given(st.lists(LINKS, max_size=6), st.binary(max_size=300))
def test_a_node_that_was_written_reads_back(links: list[Link], data: bytes) -> None:
    assert decode_node(encode_node(links, data)) == DagNode(tuple(links), data)


@given(
    st.binary(max_size=300),
    st.none() | st.integers(0, 2**64 - 1),
    st.lists(st.integers(0, 2**64 - 1), max_size=5),
)
def test_a_message_that_was_written_reads_back(
    data: bytes, size: int | None, sizes: list[int]
) -> None:
    value = UnixFsData(FILE, data, size, tuple(sizes))
    assert decode_unixfs(encode_unixfs(value)) == value


@settings(max_examples=400)
@given(st.binary(max_size=200))
def test_t26_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for decode in (decode_node, decode_unixfs):
        with contextlib.suppress(BlobCorrupted):
            decode(raw)


def field(number: int, payload: bytes) -> bytes:
    """Returns a field of up to 127 bytes."""
    return bytes((number << 3 | 2, len(payload))) + payload


BAD_NODES = {
    "nothing": b"",
    "no data": field(2, HASH),
    "data twice": field(1, b"") * 2,
    "an unknown field": field(1, b"") + field(3, b""),
    "a length beyond the end": b"\x0a\x05abc",
    "a length of 2**63": b"\x0a" + b"\xff" * 8 + b"\x7f",
    "a number without an end": b"\x0a" + b"\xff" * 20,
    "a number of 2**64": b"\x0a" + b"\xff" * 9 + b"\x02",
    "a cut number": b"\x0a\x80",
    "a fixed-width field": b"\x0d\0\0\0\0" + field(1, b""),
    "a link without a CID": field(2, field(2, b"name")) + field(1, b""),
    "a link with two CIDs": field(2, HASH + HASH) + field(1, b""),
    "a link to another hash": field(2, field(1, b"\x01\x55\x13\x20" + bytes(32))) + field(1, b""),
    "a name that is no text": field(2, HASH + field(2, b"\xff")) + field(1, b""),
    "a field of a link that is unknown": field(2, HASH + field(4, b"")) + field(1, b""),
    "a size that is text": field(2, HASH + field(3, b"1")) + field(1, b""),
}


@pytest.mark.parametrize("name", BAD_NODES)
def test_t26_a_malformed_node_is_refused(name: str) -> None:
    with pytest.raises(BlobCorrupted, match="dag-pb"):
        decode_node(BAD_NODES[name])


def test_t26_a_node_of_too_many_links_is_refused_early() -> None:
    block = field(2, HASH) * 60_000 + field(1, b"")
    tracemalloc.start()
    try:
        with pytest.raises(BlobCorrupted, match="at most 16384 links"):
            decode_node(block)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 16 << 20


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x08\x04",
        b"\x08\x05",
        b"\x08\x03",
        b"\x08\x63",
        b"\x08\x02\x08\x02",
        b"\x12\x00",
        b"\x52\x00",
    ],
)
def test_links_shards_and_unknown_kinds_are_refused(raw: bytes) -> None:
    with pytest.raises(BlobCorrupted, match="UnixFS"):
        decode_unixfs(raw)


def test_mode_and_time_are_passed_over() -> None:
    assert decode_unixfs(b"\x08\x01\x38\xed\x03\x42\x02\x08\x01") == UnixFsData(DIRECTORY)
