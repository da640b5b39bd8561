"""A disk that is full: told in one line, and nothing half-written under a name that counts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from registry.errors import ConfigError, StorageError
from registry.storage import RAW, Cid, LocalStore, add_path, export_car

LIMITED = """
import resource, sys
from pathlib import Path
from registry.crypto import decrypt_folder, encrypt_folder
from registry.errors import TallystickError
from registry.storage import Cid, LocalStore, export_car, fetch_path
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
what, work = sys.argv[1], Path(sys.argv[2])
try:
    if what == "write":
        LocalStore(work / "new").put_block(bytes(262_144))
    elif what == "fetch":
        fetch_path(LocalStore(work / "full"), Cid.parse(sys.argv[3]), work / "got")
    elif what == "export":
        export_car(LocalStore(work / "full"), Cid.parse(sys.argv[3]), work / "got.car")
    elif what == "seal":
        encrypt_folder(work / "version", work / "sealed", bytes(32))
except TallystickError as error:
    print(f"{type(error).__name__}: {error}")
"""


@pytest.fixture
def work(tmp_path: Path) -> tuple[Path, Cid]:
    """A folder with a store that holds a version, and the version's CID."""
    (tmp_path / "version").mkdir()
    (tmp_path / "version" / "weights.f32").write_bytes(bytes(range(256)) * 2000)
    cid = add_path(LocalStore(tmp_path / "full"), tmp_path / "version")
    return tmp_path, cid


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("write", "StorageError"),
        ("fetch", "ConfigError"),
        ("export", "ConfigError"),
        ("seal", "ConfigError"),
    ],
)
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    work: tuple[Path, Cid], what: str, kind: str
) -> None:
    folder, cid = work
    command = [sys.executable, "-c", LIMITED, what, str(folder), str(cid)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.stderr == ""
    assert done.stdout.startswith(f"{kind}: ")
    assert "free some space" in done.stdout
    assert done.stdout.count("\n") == 1
    assert not LocalStore(folder / "new").has_block(Cid.of(bytes(262_144), RAW))
    assert not list(folder.rglob("weights.f32"))[1:]
    assert not list(folder.glob("*.car"))
    assert not list((folder / "new").rglob("put-*"))
    kept = [path.name for path in folder.rglob(".*.part") if what != "fetch"]
    assert kept == []


def test_a_store_that_cannot_be_read_is_told_as_the_store_s(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LocalStore(tmp_path)
    cid = store.put_block(b"content")

    def refused(path: Path, *_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "open", refused)
    with pytest.raises(StorageError, match="Permission denied; change its permissions"):
        store.get_block(cid)
    with pytest.raises(ConfigError, match="Permission denied; change its permissions"):
        add_path(store, Path(__file__))
    with pytest.raises(ConfigError, match=r"out\.car: Permission denied|Permission denied"):
        export_car(store, cid, tmp_path / "out.car")
