"""T-5, T-6, T-7, T-8: transfers that are cut go on; what is wrong is passed over or refused."""

from __future__ import annotations

import os
from pathlib import Path
from typing import final

import pytest

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage import (
    RAW,
    Cid,
    LocalStore,
    MemoryStore,
    SourceChain,
    Store,
    add_path,
    directory_cid,
    fetch_path,
    read_bytes,
)
from registry.storage.unixfs import CHUNK_BYTES, build_file

CHUNKS = 7


@final
class Unsteady(Store):
    """A store over another that stops answering after a number of transfers, and counts them."""

    def __init__(self, inner: Store, answers: int, parallelism: int = 1) -> None:
        self.inner, self.answers, self.transfers = inner, answers, 0
        self._parallelism = parallelism

    @property
    def parallelism(self) -> int:
        """As given."""
        return self._parallelism

    def _count(self) -> None:
        if self.transfers >= self.answers:
            raise StoreUnavailable("the line is cut")
        self.transfers += 1

    def has_block(self, cid: Cid) -> bool:
        """Asks the other store."""
        return self.inner.has_block(cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Writes, or is cut."""
        self._count()
        self.inner.write_block(cid, data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Reads, or is cut."""
        self._count()
        return self.inner.read_block(cid, limit)

    def pin(self, cid: Cid) -> None:
        """Asks the other store."""
        self.inner.pin(cid)

    def unpin(self, cid: Cid) -> None:
        """Asks the other store."""
        self.inner.unpin(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """Asks the other store."""
        return self.inner.is_pinned(cid)

    def close(self) -> None:
        """Nothing to close."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of a large file, a nested one and an empty one."""
    place = tmp_path / "version"
    (place / "docs").mkdir(parents=True)
    (place / "model.bin").write_bytes(os.urandom(CHUNK_BYTES * CHUNKS - 5))
    (place / "docs" / "card.md").write_text("a card")
    (place / "empty").write_text("")
    return place


BLOCKS = CHUNKS + 1 + 1 + 1 + 2  # leaves, the file's node, card, empty, two directories


@pytest.mark.parametrize("parallelism", [1, 4])
@pytest.mark.parametrize("cut", [0, 1, 5, BLOCKS - 1])
def test_t5_t6_an_upload_that_was_cut_sends_no_block_twice(
    folder: Path, cut: int, parallelism: int
) -> None:
    inner = MemoryStore()
    first = Unsteady(inner, cut, parallelism)
    with pytest.raises(StoreUnavailable):
        add_path(first, folder)
    assert first.transfers == len(inner) == cut
    second = Unsteady(inner, 1000, parallelism)
    cid = add_path(second, folder)
    assert second.transfers == BLOCKS - cut
    inner.pin(cid)
    third = Unsteady(inner, 0, parallelism)
    assert add_path(third, folder) == cid == directory_cid(folder)


@pytest.mark.parametrize("parallelism", [1, 4])
def test_an_upload_tells_its_progress_in_content_bytes(folder: Path, parallelism: int) -> None:
    seen: list[tuple[int, int]] = []
    store = Unsteady(MemoryStore(), 1000, parallelism)
    add_path(store, folder, lambda done, total: seen.append((done, total)))
    total = CHUNK_BYTES * CHUNKS - 5 + len("a card")
    assert seen[-1] == (total, total)
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})


@pytest.mark.parametrize("parallelism", [1, 4])
def test_a_fetch_that_was_cut_goes_on_where_it_stopped(
    folder: Path, tmp_path: Path, parallelism: int
) -> None:
    inner = MemoryStore()
    cid = add_path(inner, folder)
    place = tmp_path / "fetched"
    with pytest.raises(StoreUnavailable):
        fetch_path(Unsteady(inner, 11), cid, place)
    parts = list(place.glob(".*.part"))
    assert len(parts) == 1
    kept = parts[0].stat().st_size
    assert kept >= CHUNK_BYTES
    again = Unsteady(inner, 1000, parallelism)
    seen: list[tuple[int, int]] = []
    fetch_path(again, cid, place, lambda done, total: seen.append((done, total)))
    assert directory_cid(place) == cid
    assert seen[-1][0] == seen[-1][1] == CHUNK_BYTES * CHUNKS - 5 + len("a card")
    full = Unsteady(inner, 1000)
    fetch_path(full, cid, tmp_path / "other")
    assert again.transfers <= full.transfers - kept // CHUNK_BYTES
    assert list(place.glob(".*")) == []


def test_a_partial_file_is_believed_up_to_its_first_wrong_block(
    folder: Path, tmp_path: Path
) -> None:
    inner = MemoryStore()
    add_path(inner, folder)
    content = (folder / "model.bin").read_bytes()
    cid = directory_cid(folder / "model.bin")
    place = tmp_path / "fetched"
    bad = bytearray(content[: 4 * CHUNK_BYTES])
    bad[2 * CHUNK_BYTES + 1] ^= 1
    (tmp_path / f".{cid}.part").write_bytes(bad)
    store = Unsteady(inner, 1000)
    fetch_path(store, cid, place)
    assert place.read_bytes() == content
    nodes = 3  # the root: for the plan, for its size, and for its children
    assert store.transfers == CHUNKS - 2 + nodes


def test_a_file_that_is_there_is_kept_and_a_wrong_one_replaced(
    folder: Path, tmp_path: Path
) -> None:
    inner = MemoryStore()
    cid = add_path(inner, folder)
    place = tmp_path / "fetched"
    fetch_path(inner, cid, place)
    (place / "docs" / "card.md").write_text("b card")
    store = Unsteady(inner, 1000)
    fetch_path(store, cid, place)
    assert directory_cid(place) == cid
    assert store.transfers == 4  # two directories, the large file's node, the card


@pytest.mark.parametrize("version", [0, 1])
def test_trees_of_version_0_are_fetched_too(folder: Path, tmp_path: Path, version: int) -> None:
    store = MemoryStore()
    with (folder / "model.bin").open("rb") as stream:
        cid = build_file(stream, store.put_known, version=version).cid
    for _ in range(2):
        fetch_path(store, cid, tmp_path / "fetched")
        assert (tmp_path / "fetched").read_bytes() == (folder / "model.bin").read_bytes()


def test_something_else_at_the_destination_is_not_overwritten(folder: Path, tmp_path: Path) -> None:
    store = MemoryStore()
    cid, file = add_path(store, folder), add_path(store, folder / "empty")
    (tmp_path / "taken").write_text("mine")
    with pytest.raises(ConfigError, match="got a file"):
        fetch_path(store, cid, tmp_path / "taken")
    assert (tmp_path / "taken").read_text() == "mine"
    with pytest.raises(ConfigError, match="got a folder"):
        fetch_path(store, file, folder)


@pytest.mark.parametrize("kind", ["link", "nothing", "pipe"])
def test_links_and_special_files_are_not_added(folder: Path, kind: str) -> None:
    place = folder / kind
    if kind == "link":
        place.symlink_to("/etc/hostname")
    elif kind == "pipe":
        os.mkfifo(place)
    with pytest.raises(ConfigError, match=kind if kind == "link" else "expected a file"):
        add_path(MemoryStore(), place)


def lying(cid: Cid, content: bytes) -> MemoryStore:
    """Returns a store that holds other bytes under a CID."""
    store = MemoryStore()
    store.write_block(cid, content)
    return store


GOOD = b"the right bytes"
CID = Cid.of(GOOD, RAW)


@pytest.mark.parametrize("content", [GOOD[:-1], b"", b"other bytes", GOOD + b"."])
def test_t7_t8_wrong_bytes_are_never_given_out(content: bytes) -> None:
    with pytest.raises(BlobCorrupted, match=str(CID)):
        lying(CID, content).get_block(CID)


def test_t7_t8_a_source_that_lies_is_passed_over() -> None:
    seen: list[str] = []
    good = lying(CID, GOOD)
    chain = SourceChain(
        [lying(CID, GOOD[:-1]), MemoryStore(), Unsteady(good, 0), good],
        lambda store, cid, error: seen.append(type(error).__name__),
    )
    assert read_bytes(chain, CID, 100) == GOOD
    assert seen == ["BlobAltered", "BlobNotFound", "StoreUnavailable"]


def test_a_chain_says_the_worst_that_it_met() -> None:
    bad, gone, down = lying(CID, b"bad"), MemoryStore(), Unsteady(MemoryStore(), 0)
    for stores, expected in (
        ([gone, bad, down], BlobCorrupted),
        ([gone, down], StoreUnavailable),
        ([gone, gone], BlobNotFound),
    ):
        with pytest.raises(expected):
            SourceChain(stores).get_block(CID)


def test_a_chain_writes_and_pins_in_its_first_store_only() -> None:
    first, second = MemoryStore(), lying(CID, GOOD)
    with SourceChain([first, second]) as chain:
        assert not chain.has_block(CID)
        assert chain.put_block(GOOD) == CID
        chain.pin(CID)
        assert chain.is_pinned(CID)
        assert first.has_block(CID)
        assert not second.is_pinned(CID)
        chain.unpin(CID)
        assert not first.is_pinned(CID)
    with pytest.raises(ConfigError, match="at least one"):
        SourceChain([])


def test_a_source_that_cannot_be_read_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, good = LocalStore(tmp_path), lying(CID, GOOD)
    disk.put_block(GOOD)

    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    assert SourceChain([disk, good]).get_block(CID) == GOOD
    with pytest.raises(StorageError, match="Permission denied"):
        SourceChain([MemoryStore(), disk]).get_block(CID)
