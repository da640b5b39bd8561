"""Publishing reads a folder where it is: no copy, nothing private in plain, nothing half-done."""

from __future__ import annotations

import stat
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import final

import pytest
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.errors import ConfigError, ManifestError
from registry.storage import Cid, LocalStore, Store, directory_cid
from registry.types import VersionStatus, Visibility

SECRET = b"nobody else may read this " * 1000


@final
class WatchedStore(Store):
    """A store that calls something before every block it keeps or gives."""

    def __init__(self, inner: Store, look: Callable[[], None]) -> None:
        self._inner, self._look = inner, look

    @property
    def parallelism(self) -> int:
        """One at a time."""
        return 1

    def has_block(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.has_block(cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Looks, then keeps the block."""
        self._look()
        self._inner.write_block(cid, data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Looks, then gives the block."""
        self._look()
        return self._inner.read_block(cid, limit)

    def pin(self, cid: Cid) -> None:
        """As the store inside does."""
        self._inner.pin(cid)

    def unpin(self, cid: Cid) -> None:
        """As the store inside does."""
        self._inner.unpin(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.is_pinned(cid)

    def close(self) -> None:
        """Nothing is held open."""


@pytest.fixture
def scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files go."""
    folder = tmp_path / "scratch"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A folder of one file, deep down, that nobody else may read."""
    folder = tmp_path / "secret"
    (folder / "deep" / "down").mkdir(parents=True)
    (folder / "deep" / "down" / "notes.txt").write_bytes(SECRET)
    return folder


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_at_no_time_is_there_a_plain_copy(
    place: ChainScenario, secret: Path, scratch: Path, visibility: Visibility
) -> None:
    """Each block that is sent is a moment at which the process could be killed."""
    seen: list[set[str]] = []

    def look() -> None:
        files = [path for path in scratch.rglob("*") if path.is_file()]
        seen.append({path.name for path in files})
        assert not any(b"nobody" in path.read_bytes() for path in files)
        assert not any(b"notes.txt" in path.read_bytes() for path in files)

    client = place.client(OWNER, store=WatchedStore(LocalStore(place.storage), look))
    client.publish(secret, "secret", visibility=visibility)
    assert seen
    if visibility is Visibility.PUBLIC:
        assert set().union(*seen) == set()
    assert list(scratch.iterdir()) == []


def test_a_version_is_what_the_folder_with_its_manifest_would_be(
    place: ChainScenario, secret: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    version = client.publish(secret, "plain")
    manifest = client.fetch("plain", tmp_path / "got")
    assert not (secret / "manifest.json").exists()
    (secret / "manifest.json").write_bytes(manifest.to_json())
    assert directory_cid(secret).digest == version.content.digest
    assert client.publish(secret, "plain").number == version.number


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_a_name_of_255_bytes_is_published_and_fetched(
    place: ChainScenario, secret: Path, tmp_path: Path, visibility: Visibility
) -> None:
    name = "я" * 125 + "x.txt"
    (secret / name).write_bytes(SECRET)
    client = place.client(OWNER)
    client.publish(secret, "long", visibility=visibility)
    target = tmp_path / ("t" * 255)
    client.fetch("long", target)
    assert (target / name).read_bytes() == SECRET
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_what_is_decrypted_is_for_its_owner_alone(
    place: ChainScenario, secret: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    client.publish(secret, "secret", visibility=Visibility.PRIVATE)
    client.fetch("secret", tmp_path / "got")
    modes = {
        path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode)
        for path in (tmp_path / "got", *(tmp_path / "got").rglob("*"))
    }
    assert modes == {
        "got": 0o700,
        "got/deep": 0o700,
        "got/deep/down": 0o700,
        "got/deep/down/notes.txt": 0o600,
        "got/manifest.json": 0o600,
    }


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_two_fetches_into_one_place_follow_one_another(
    place: ChainScenario, secret: Path, tmp_path: Path, visibility: Visibility
) -> None:
    client = place.client(OWNER)
    client.publish(secret, "twice", visibility=visibility)
    inside, go_on, errors = threading.Event(), threading.Event(), []

    def wait() -> None:
        if (tmp_path / "got").exists() or list(tmp_path.glob(".*.lock")):
            inside.set()
            assert go_on.wait(30)

    def fetch(store: Store) -> None:
        try:
            place.client(OWNER, store=store).fetch("twice", tmp_path / "got")
        except Exception as error:  # told by the test's own thread
            errors.append(error)

    first = threading.Thread(
        target=fetch, args=(WatchedStore(LocalStore(place.storage), wait),), daemon=True
    )
    first.start()
    assert inside.wait(30)
    second = threading.Thread(target=fetch, args=(LocalStore(place.storage),), daemon=True)
    second.start()
    second.join(0.2)
    assert second.is_alive(), "it waits for the first"
    go_on.set()
    for thread in (first, second):
        thread.join(30)
    assert errors == []
    assert (tmp_path / "got" / "deep" / "down" / "notes.txt").read_bytes() == SECRET
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_a_folder_that_would_vanish_is_refused(
    place: ChainScenario, secret: Path, visibility: Visibility
) -> None:
    (secret / "empty" / "too").mkdir(parents=True)
    (secret / "empty" / "too" / ".gitkeep").write_text("")
    with pytest.raises(ConfigError, match=r"empty/too holds no file to publish.*take the folder"):
        place.client(OWNER).publish(secret, "gaps", visibility=visibility)


def test_a_version_of_no_files_is_refused(place: ChainScenario, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / ".hidden").write_text("x")
    client = place.client(OWNER)
    with pytest.raises(ConfigError, match="holds no file to publish"):
        client.publish(tmp_path / "none", "none")
    assert client.models() == []


@pytest.mark.parametrize("name", ["aux.txt", "a:b.txt", "NOTES.txt"])
def test_a_name_that_not_every_system_holds_is_refused(
    place: ChainScenario, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "names"
    folder.mkdir()
    (folder / "notes.txt").write_text("a")
    (folder / name).write_text("b")
    with pytest.raises(ConfigError, match="rename"):
        place.client(OWNER).publish(folder, "names")


def test_a_folder_that_changes_meanwhile_is_not_published(
    place: ChainScenario, secret: Path
) -> None:
    def change() -> None:
        (secret / "deep" / "down" / "notes.txt").write_bytes(SECRET + b"changed")

    client = place.client(OWNER, store=WatchedStore(LocalStore(place.storage), change))
    with pytest.raises(ConfigError, match="was changed while it was published"):
        client.publish(secret, "moving")
    assert client.models() == []


def test_a_fetched_folder_that_was_changed_is_told_how_to_become_a_new_version(
    place: ChainScenario, secret: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    client.publish(secret, "work")
    client.fetch("work", tmp_path / "got")
    notes = tmp_path / "got" / "deep" / "down" / "notes.txt"
    notes.write_bytes(SECRET.upper())
    with pytest.raises(ManifestError, match=r"delete .*got/manifest\.json to publish") as refused:
        client.publish(tmp_path / "got", "work")
    assert "fetch again" not in str(refused.value)
    (tmp_path / "got" / "new.txt").write_text("new")
    with pytest.raises(ManifestError, match=r"new\.txt is in .*or delete .*manifest\.json"):
        client.publish(tmp_path / "got", "work")
    (tmp_path / "got" / "manifest.json").unlink()
    assert client.publish(tmp_path / "got", "work").number == 2


def test_a_deprecated_version_comes_with_its_reason_at_hand(
    place: ChainScenario, secret: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    client.publish(secret, "old")
    client.deprecate("old:1", "use the second one")
    assert client.fetch("old", tmp_path / "got").files
    version = client.version("old")
    assert (version.status, version.reason) == (VersionStatus.DEPRECATED, "use the second one")


def test_a_place_that_cannot_be_written_to_is_named(
    place: ChainScenario, secret: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    for visibility in (Visibility.PUBLIC, Visibility.PRIVATE):
        client.publish(secret, f"model-{visibility.value}", visibility=visibility)
        (tmp_path / "file").write_text("in the way")
        with pytest.raises(ConfigError, match=r"file.*; check the path"):
            client.fetch(f"model-{visibility.value}", tmp_path / "file" / "got")


def test_a_folder_for_temporary_files_that_is_gone_is_named(
    place: ChainScenario, secret: Path, scratch: Path
) -> None:
    scratch.rmdir()
    with pytest.raises(ConfigError, match=r"scratch.*check the path"):
        place.client(OWNER).publish(secret, "secret", visibility=Visibility.PRIVATE)
