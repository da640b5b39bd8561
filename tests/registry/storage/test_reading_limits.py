"""T-26: a tree of a few blocks can't unfold to more than the reader allows."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.errors import BlobCorrupted, ContentTooLarge, StorageError
from registry.storage import (
    DAG_PB,
    RAW,
    Cid,
    LocalStore,
    MemoryStore,
    add_bytes,
    add_path,
    fetch_path,
    list_directory,
    open_stream,
    read_bytes,
)
from registry.storage.dag_pb import (
    DIRECTORY,
    FILE,
    Link,
    UnixFsData,
    encode_node,
    encode_unixfs,
)
from registry.storage.unixfs import Part, build_directory


def node(store: MemoryStore, children: list[tuple[Cid, int]], size: int | None = None) -> Cid:
    """Stores a file's node that says whatever it is told to."""
    sizes = tuple(size for _, size in children)
    data = encode_unixfs(UnixFsData(FILE, b"", sum(sizes) if size is None else size, sizes))
    return store.put_block(encode_node([Link(c, "", s) for c, s in children], data), DAG_PB)


def folder(store: MemoryStore, entries: list[tuple[str, Cid]]) -> Cid:
    """Stores a directory."""
    links = [Link(cid, name, 1) for name, cid in entries]
    return store.put_block(encode_node(links, encode_unixfs(UnixFsData(DIRECTORY))), DAG_PB)


def test_t26_a_bomb_is_refused_by_what_its_root_says(tmp_path: Path) -> None:
    """Given 6 blocks that unfold to 10**15 bytes, it is refused before a byte is written."""
    store = MemoryStore()
    cid, size = store.put_block(bytes(1000), RAW), 1000
    for _ in range(5):
        cid = node(store, [(cid, size)] * 250)
        size *= 250
    with pytest.raises(StorageError, match=f"the file says {size}"):
        read_bytes(store, cid, 1 << 20)
    with pytest.raises(StorageError, match="expected at most"):
        fetch_path(store, cid, tmp_path / "bomb", limit=1 << 20)
    with pytest.raises(StorageError, match="the disk has"):
        fetch_path(store, cid, tmp_path / "bomb", limit=1 << 60)
    assert list(tmp_path.iterdir()) == []


def test_t26_a_root_that_understates_its_size_is_refused() -> None:
    store = MemoryStore()
    leaf = store.put_block(bytes(1000), RAW)
    inner = node(store, [(leaf, 1000)] * 100)
    with pytest.raises(BlobCorrupted, match="its parent says 1 bytes"):
        read_bytes(store, node(store, [(inner, 1)]), 100)
    with pytest.raises(BlobCorrupted, match="its parent says 1 bytes"):
        read_bytes(store, node(store, [(leaf, 1)]), 100)
    with pytest.raises(BlobCorrupted, match="its parts 100000"):
        read_bytes(store, node(store, [(inner, 100_000)], size=5), 100)


def test_t26_a_tree_of_empty_parts_is_refused_at_the_first_one() -> None:
    """Each level of 250 empty links would multiply the time and add no byte."""
    store = MemoryStore()
    cid = node(store, [])
    for _ in range(8):
        cid = node(store, [(cid, 0)] * 250)
    with pytest.raises(BlobCorrupted, match="an empty part"):
        read_bytes(store, cid, 100)


def test_t26_a_tree_too_deep_is_refused() -> None:
    store = MemoryStore()
    cid = store.put_block(b"x", RAW)
    for _ in range(40):
        cid = node(store, [(cid, 1)])
    with pytest.raises(BlobCorrupted, match="deeper than"):
        read_bytes(store, cid, 100)


def test_t26_directories_that_multiply_are_refused(tmp_path: Path) -> None:
    store = MemoryStore()
    cid = store.put_block(b"x", RAW)
    for _ in range(4):
        cid = folder(store, [(f"n{n}", cid) for n in range(200)])
    with pytest.raises(BlobCorrupted, match="at most 65536 entries"):
        fetch_path(store, cid, tmp_path / "bomb")
    assert list(tmp_path.iterdir()) == []


def test_t26_directories_too_deep_are_refused(tmp_path: Path) -> None:
    store = MemoryStore()
    cid = store.put_block(b"x", RAW)
    for _ in range(40):
        cid = folder(store, [("d", cid)])
    with pytest.raises(BlobCorrupted, match="32 levels"):
        fetch_path(store, cid, tmp_path / "deep")


def test_a_raw_root_is_held_to_the_limit_too() -> None:
    store = MemoryStore()
    cid = store.put_block(bytes(1000), RAW)
    assert read_bytes(store, cid, 1000) == bytes(1000)
    with pytest.raises(StorageError, match="expected at most 999"):
        read_bytes(store, cid, 999)


def test_links_without_sizes_are_refused() -> None:
    store = MemoryStore()
    leaf = store.put_block(b"x", RAW)
    data = encode_unixfs(UnixFsData(FILE, b"", 1))
    cid = store.put_block(encode_node([Link(leaf, "", 1)], data), DAG_PB)
    with pytest.raises(BlobCorrupted, match="1 links but 0 sizes"):
        read_bytes(store, cid, 100)


def test_a_file_is_no_directory_and_a_directory_no_file(tmp_path: Path) -> None:
    store = MemoryStore()
    (tmp_path / "a").write_text("a")
    directory, small = add_path(store, tmp_path), add_bytes(store, b"a")
    large = add_bytes(store, bytes(300_000))
    assert [entry.name for entry in list_directory(store, directory)] == ["a"]
    for file in (small, large):
        with pytest.raises(StorageError, match="expected a directory"):
            list_directory(store, file)
    with pytest.raises(BlobCorrupted, match="got a directory"):
        list(open_stream(store, directory))


def test_a_folder_that_says_too_little_of_its_files_fills_no_disk(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "blobs")
    cid = store.put_block(b"x" * 100_000, RAW)
    names = [(f"f{index}", Part(cid, 0, 0)) for index in range(50)]

    def put(at: Cid, block: bytes) -> None:
        assert store.put_block(block, DAG_PB) == at

    root = build_directory(names, put)
    place = tmp_path / "fetched"
    with pytest.raises(ContentTooLarge, match="over 250000 bytes"):
        fetch_path(store, root.cid, place, limit=250_000)
    assert sum(path.stat().st_size for path in place.rglob("*")) < 350_000
