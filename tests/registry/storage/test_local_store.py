"""The embedded store: pins hold (T-10), writes are whole, damage is found."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError
from registry.storage import RAW, Cid, LocalStore, add_bytes, add_path, missing_blocks, read_bytes
from registry.storage.flatfs import FlatFiles


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    """An empty store."""
    return LocalStore(tmp_path / "blobs")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small folder."""
    place = tmp_path / "version"
    (place / "docs").mkdir(parents=True)
    (place / "model").write_bytes(bytes(600_000))
    (place / "docs" / "card.md").write_text("a card")
    return place


def test_t10_collection_keeps_what_is_pinned_and_takes_the_rest(
    store: LocalStore, folder: Path
) -> None:
    cid = add_path(store, folder)
    store.pin(cid)
    loose = add_bytes(store, b"not pinned")
    assert store.collect() == 1
    assert not store.has_block(loose)
    assert missing_blocks(store, cid) == []
    store.unpin(cid)
    assert store.collect() > 3
    assert not store.has_block(cid)
    assert store.pins() == []


def test_t10_a_tree_that_was_collected_in_between_cannot_be_pinned(
    store: LocalStore, folder: Path
) -> None:
    """Given a collection between add and pin, the pin fails, and so no chain write follows."""
    cid = add_path(store, folder)
    store.collect()
    with pytest.raises(BlobNotFound, match="missing"):
        store.pin(cid)
    assert not store.is_pinned(cid)
    assert add_path(store, folder) == cid
    store.pin(cid)
    assert store.is_pinned(cid)


def test_a_tree_with_one_block_missing_cannot_be_pinned(store: LocalStore, folder: Path) -> None:
    cid = add_path(store, folder)
    card = Cid.of(b"a card", RAW)
    next(store.folder.glob("blocks/*/*.data"))
    for path in store.folder.glob("blocks/*/*.data"):
        if path.read_bytes() == b"a card":
            path.unlink()
    assert missing_blocks(store, cid) == [card]
    with pytest.raises(BlobNotFound, match="1 blocks below"):
        store.pin(cid)


def test_what_was_stored_is_there_for_the_next_process(store: LocalStore, folder: Path) -> None:
    cid = add_path(store, folder)
    store.pin(cid)
    again = LocalStore(store.folder)
    assert again.is_pinned(cid)
    assert again.pins() == [cid]
    assert missing_blocks(again, cid) == []


def test_a_block_damaged_on_the_disk_is_found(store: LocalStore) -> None:
    cid = store.put_block(b"content", RAW)
    path = next(store.folder.glob("blocks/*/*.data"))
    path.write_bytes(b"c0ntent")
    with pytest.raises(BlobCorrupted, match=str(cid)):
        store.get_block(cid)


def test_a_block_lost_in_a_crash_is_written_again(store: LocalStore) -> None:
    """A file system may keep a new file's name and lose its content."""
    cid = store.put_block(b"content", RAW)
    next(store.folder.glob("blocks/*/*.data")).write_bytes(b"")
    assert not store.has_block(cid)
    assert store.put_block(b"content", RAW) == cid
    assert store.get_block(cid) == b"content"


def test_t5_a_block_torn_in_a_crash_is_found_before_the_pin_and_heals(
    store: LocalStore, folder: Path
) -> None:
    """Given a crash that cut a block short, when the upload is run again, then the pin refuses
    (so that no chain write follows), and the run after that finishes."""
    cid = add_path(store, folder)
    torn = next(p for p in store.folder.glob("blocks/*/*.data") if p.stat().st_size > 200_000)
    torn.write_bytes(torn.read_bytes()[:1000])
    add_path(store, folder)
    with pytest.raises(BlobNotFound, match="add it again"):
        store.pin(cid)
    assert not store.is_pinned(cid)
    add_path(store, folder)
    store.pin(cid)
    assert store.is_pinned(cid)


def test_the_empty_block_is_a_block(store: LocalStore) -> None:
    cid = add_bytes(store, b"")
    assert store.has_block(cid)
    assert read_bytes(store, cid, 0) == b""


def test_a_giant_file_in_a_blocks_place_is_not_read(store: LocalStore) -> None:
    cid = store.put_block(b"content", RAW)
    with next(store.folder.glob("blocks/*/*.data")).open("r+b") as file:
        file.truncate(1 << 40)
    with pytest.raises(BlobCorrupted, match="at most"):
        store.get_block(cid)


def test_threads_that_write_the_same_blocks_do_no_harm(store: LocalStore) -> None:
    contents = [bytes([n]) * 50_000 for n in range(20)]

    def write() -> None:
        for content in contents:
            store.put_block(content)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.get_block(Cid.of(content, RAW)) == content for content in contents)
    assert list(store.folder.glob("blocks/*/put-*")) == []


def test_a_place_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="expected a folder"):
        LocalStore(tmp_path / "file")


def test_files_of_other_hash_functions_are_no_blocks(tmp_path: Path) -> None:
    files = FlatFiles(tmp_path)
    cid = Cid.of(b"ours", RAW)
    path = files.write(cid, b"ours")
    for mark in (b"\x16\x20", b"\x12\x20\x00"):  # SHA3-256; a digest of 33 bytes
        key = base64.b32encode(mark + bytes(32)).decode("ascii").rstrip("=")
        (tmp_path / "AA").mkdir(exist_ok=True)
        (tmp_path / "AA" / f"{key}.data").write_bytes(b"theirs")
    assert list(files.digests()) == [(cid.digest, path)]
