"""Clocks and blobs: the small adapters."""

from __future__ import annotations

from pathlib import Path
from time import monotonic

import pytest

from registry.errors import BlobNotFound, StorageError
from registry.hashing import sha256
from registry.storage import LocalStore, MemoryStore, Store, directory_cid
from trainer.adapters import ManualClock, StoreBlobs, SystemClock


@pytest.fixture(params=["memory", "local"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> StoreBlobs:
    """Blobs over two of the registry's stores."""
    store: Store = MemoryStore() if request.param == "memory" else LocalStore(tmp_path / "store")
    return StoreBlobs(store)


def test_a_manual_clock_goes_when_it_is_waited_on_and_never_back() -> None:
    clock = ManualClock(100)
    clock.wait_until(150)
    clock.wait_until(120)
    assert clock.now() == 150


def test_the_systems_clock_waits_for_one_interval_at_most() -> None:
    clock, before = SystemClock(0.01), monotonic()
    clock.wait_until(clock.now() + 1_000)
    clock.wait_until(0)
    assert 0.009 <= monotonic() - before < 60


def test_folders_come_back_by_the_digest_of_their_cid(blobs: StoreBlobs, tmp_path: Path) -> None:
    folder = tmp_path / "f"
    (folder / "inner").mkdir(parents=True)
    (folder / "inner" / "a").write_bytes(b"x" * 300_000)
    digest = blobs.put_folder(folder)
    assert digest == directory_cid(folder).digest
    blobs.get_folder(digest, tmp_path / "g", 1_000_000)
    assert (tmp_path / "g" / "inner" / "a").read_bytes() == b"x" * 300_000
    with pytest.raises(StorageError):
        blobs.get_folder(digest, tmp_path / "h", 1_000)


def test_bytes_come_back_by_their_own_digest(blobs: StoreBlobs) -> None:
    digest = blobs.put_bytes(b"one half")
    assert digest == sha256(b"one half")
    assert blobs.get_bytes(digest, 8) == b"one half"
    with pytest.raises(StorageError, match="at most 7 bytes"):
        blobs.get_bytes(digest, 7)
    with pytest.raises(BlobNotFound):
        blobs.get_bytes(bytes(32), 10)
