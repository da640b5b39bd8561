"""C-1: the trees and CIDs of `ipfs add -r --cid-version=1`, built in constant memory."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import BlobCorrupted, ConfigError
from registry.storage import DAG_PB, RAW, Cid, MemoryStore, add_path, directory_cid, read_bytes
from registry.storage.dag_pb import DIRECTORY, Link, UnixFsData, encode_node, encode_unixfs
from registry.storage.unixfs import (
    CHUNK_BYTES,
    LINKS_PER_NODE,
    Part,
    build_directory,
    build_file,
    read_directory,
    read_file_node,
)

VECTORS = json.loads(Path(__file__).parents[2].joinpath("vectors/cids.json").read_text())
LEAF = Part(Cid.of(b"", RAW), 0, 0)


def drop(cid: Cid, block: bytes) -> None:
    """Takes a block and keeps nothing."""


def filled(seed: int, size: int) -> bytes:
    """The rule of cids.json."""
    return hashlib.shake_128(seed.to_bytes(8, "big")).digest(size)


@pytest.mark.parametrize("case", VECTORS["files"], ids=lambda c: str(c["bytes"]))
def test_c1_files_have_the_vectors_cids(case: dict[str, Any]) -> None:
    content = filled(case["seed"], case["bytes"])
    part = build_file(io.BytesIO(content), drop)
    assert (str(part.cid), part.tsize, part.size) == (case["v1"], case["tsize"], len(content))
    assert build_file(io.BytesIO(content), drop, version=0).cid.v0_text() == case["v0"]


@pytest.mark.parametrize("case", VECTORS["folders"], ids=lambda c: c["v1"][-6:])
def test_c1_folders_have_the_vectors_cids(tmp_path: Path, case: dict[str, Any]) -> None:
    for name, text in case["files"].items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert str(directory_cid(tmp_path)) == case["v1"]


def test_a_cid_known_to_every_ipfs_user() -> None:
    part = build_file(io.BytesIO(b"hello world\n"), drop, version=0)
    assert part.cid.v0_text() == "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"


class Trickle(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        self._rest, self._step = content, step

    def read(self, size: int = -1) -> bytes:
        """Returns at most `step` bytes."""
        take = min(self._step, size)
        given, self._rest = self._rest[:take], self._rest[take:]
        return given


@settings(max_examples=15, deadline=None)
@given(size=st.integers(0, 600_000), step=st.integers(5_000, 300_000))
def test_pieces_in_which_a_stream_comes_do_not_matter(size: int, step: int) -> None:
    content = filled(1, size)
    stream: BinaryIO = Trickle(content, step)  # type: ignore[assignment]
    assert build_file(stream, drop).cid == build_file(io.BytesIO(content), drop).cid


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, CHUNK_BYTES + 1, 5 * CHUNK_BYTES - 3])
def test_what_was_built_reads_back(version: int, size: int) -> None:
    store, content = MemoryStore(), filled(7, size)
    part = build_file(io.BytesIO(content), store.put_known, version=version)
    assert read_bytes(store, part.cid, size) == content


def shape(store: MemoryStore, cid: Cid) -> list[int]:
    """Returns how many children the nodes on the leftmost path have."""
    counts = []
    while cid.codec == DAG_PB:
        children = read_file_node(store.get_block(cid)).children
        counts.append(len(children))
        cid = children[0][0]
    return counts


@pytest.mark.parametrize(
    ("leaves", "expected"),
    [(1, []), (2, [2]), (LINKS_PER_NODE, [174]), (LINKS_PER_NODE + 1, [2, 174])],
)
def test_c1_trees_are_balanced_with_174_links(leaves: int, expected: list[int]) -> None:
    store = MemoryStore()
    part = build_file(io.BytesIO(bytes(CHUNK_BYTES * leaves)), store.put_known)
    assert shape(store, part.cid) == expected


class Zeros(io.RawIOBase):
    """A file of zeros that lies nowhere."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._zeros = bytes(CHUNK_BYTES)

    def read(self, size: int = -1) -> bytes:
        """Returns zeros until the size is used up."""
        take = min(self._left, size, CHUNK_BYTES)
        self._left -= take
        return self._zeros[:take] if take < CHUNK_BYTES else self._zeros


def test_c1_memory_does_not_grow_with_the_file() -> None:
    stream: BinaryIO = Zeros(CHUNK_BYTES * 700)  # type: ignore[assignment]
    tracemalloc.start()
    try:
        build_file(stream, drop)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 << 20


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", ".hidden", "a/b", "a\\b", "a\0b", "a\nb", "x" * 256, "\x85", "\udc80"],
    ids=ascii,
)
def test_t26_names_that_lead_elsewhere_are_refused_in_writing_and_in_reading(name: str) -> None:
    with pytest.raises(ConfigError, match="refused the name"):
        build_directory([(name, LEAF)], drop)
    if not name.isascii() and name > "\ud800":
        return  # a lone surrogate has no UTF-8 and can't stand in a block
    block = encode_node([Link(LEAF.cid, name, 0)], encode_unixfs(UnixFsData(DIRECTORY)))
    with pytest.raises(BlobCorrupted, match="dangerous name"):
        read_directory(block)


def test_a_name_twice_is_refused_in_writing_and_in_reading() -> None:
    with pytest.raises(ConfigError, match="'a' twice"):
        build_directory([("a", LEAF), ("a", LEAF)], drop)
    block = encode_node([Link(LEAF.cid, "a", 0)] * 2, encode_unixfs(UnixFsData(DIRECTORY)))
    with pytest.raises(BlobCorrupted, match="'a' twice"):
        read_directory(block)


def test_links_are_sorted_by_the_bytes_of_their_names() -> None:
    blocks: list[bytes] = []
    names = ["b", "ü", "a", "Z", "aa", "a-"]
    build_directory([(n, LEAF) for n in names], lambda cid, block: blocks.append(block))
    links = read_directory(blocks[0])
    assert links is not None
    assert [link.name for link in links] == sorted(names, key=str.encode)


def test_a_directory_that_kubo_would_shard_is_refused() -> None:
    weight = 36 + 8
    most = 262_144 // weight
    build_directory([(f"{n:08}", LEAF) for n in range(most)], drop)
    with pytest.raises(ConfigError, match="would be sharded"):
        build_directory([(f"{n:08}", LEAF) for n in range(most + 1)], drop)


def test_hidden_files_are_left_out_as_ipfs_add_does(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    before = directory_cid(tmp_path)
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text("ref")
    assert directory_cid(tmp_path) == before == add_path(MemoryStore(), tmp_path)
