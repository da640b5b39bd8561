"""Private versions: a folder that shows sizes and nothing else, and opens whole or not at all."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.crypto import decrypt_folder, encrypt_folder
from registry.crypto.envelope import encrypt_file
from registry.documents.canonical_json import canonical
from registry.errors import ConfigError, DecryptionFailed
from registry.storage import directory_cid

KEY = bytes(range(32))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A version's folder."""
    place = tmp_path / "version"
    (place / "docs").mkdir(parents=True)
    (place / "model.safetensors").write_bytes(bytes(100_000))
    (place / "docs" / "card.md").write_text("a secret card")
    (place / "docs" / "empty").write_text("")
    (place / "manifest.json").write_text("{}")
    return place


@pytest.fixture
def sealed(folder: Path, tmp_path: Path) -> Path:
    """The same, encrypted."""
    encrypt_folder(folder, tmp_path / "sealed", KEY)
    return tmp_path / "sealed"


def test_c5_a_folder_opens_again_as_it_was(folder: Path, sealed: Path, tmp_path: Path) -> None:
    decrypt_folder(sealed, tmp_path / "opened", KEY)
    assert directory_cid(tmp_path / "opened") == directory_cid(folder)


def test_c5_neither_names_nor_content_show(sealed: Path) -> None:
    names = sorted(path.name for path in sealed.iterdir())
    numbered = [f"{n:08}.sealed" for n in range(4)]
    assert names == [*numbered, "envelope.json", "index.sealed"]
    everything = b"".join(path.read_bytes() for path in sealed.iterdir())
    for secret in (b"card", b"model", b"secret", bytes(64)):
        assert secret not in everything
    shown = json.loads((sealed / "envelope.json").read_text())
    assert sorted(shown) == ["files", "folder", "format"]


def test_t11_sealing_again_gives_the_same_cid(folder: Path, sealed: Path, tmp_path: Path) -> None:
    encrypt_folder(folder, tmp_path / "again", KEY)
    assert directory_cid(tmp_path / "again") == directory_cid(sealed)


def test_a_change_in_one_file_changes_every_ciphertext(
    folder: Path, sealed: Path, tmp_path: Path
) -> None:
    """So that storage can't tell which files of a new version stayed the same."""
    (folder / "docs" / "empty").write_text("no more")
    encrypt_folder(folder, tmp_path / "next", KEY)
    before = {path.read_bytes() for path in sealed.iterdir()}
    after = {path.read_bytes() for path in (tmp_path / "next").iterdir()}
    assert not before & after


def test_another_key_opens_nothing(sealed: Path, tmp_path: Path) -> None:
    with pytest.raises(DecryptionFailed, match="wrong key"):
        decrypt_folder(sealed, tmp_path / "opened", bytes(32))
    assert not (tmp_path / "opened").exists()


def exchange(sealed: Path) -> None:
    """Exchanges two files."""
    one, two = sealed / "00000000.sealed", sealed / "00000001.sealed"
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a file missing": lambda s: (s / "00000002.sealed").unlink(),
    "a file extra": lambda s: (s / "00000009.sealed").write_bytes(b""),
    "two files exchanged": exchange,
    "no index": lambda s: (s / "index.sealed").unlink(),
    "no envelope": lambda s: (s / "envelope.json").unlink(),
    "an index for a file": lambda s: shutil.copy(s / "00000000.sealed", s / "index.sealed"),
    "another count": lambda s: (s / "envelope.json").write_text(
        (s / "envelope.json").read_text().replace('"files":4', '"files":3')
    ),
    "another folder's name": lambda s: (s / "envelope.json").write_bytes(
        canonical({"files": 4, "folder": "00" * 32, "format": "tallystick/envelope/1"})
    ),
    "another format": lambda s: (s / "envelope.json").write_bytes(
        canonical({"files": 4, "folder": "00" * 32, "format": "tallystick/envelope/2"})
    ),
    "an envelope that is no JSON": lambda s: (s / "envelope.json").write_bytes(b"\xff"),
    "an envelope that is a list": lambda s: (s / "envelope.json").write_bytes(b"[]"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_c5_a_damaged_folder_is_refused(sealed: Path, tmp_path: Path, damage: str) -> None:
    DAMAGES[damage](sealed)
    with pytest.raises(DecryptionFailed):
        decrypt_folder(sealed, tmp_path / "opened", KEY)


@pytest.mark.parametrize("path", ["../escape", "/etc/x", "a/../../b", ".hidden"])
def test_t26_an_index_by_a_hostile_owner_leads_nowhere(
    sealed: Path, tmp_path: Path, path: str
) -> None:
    """Whoever holds the key can write an index; its paths are refused all the same."""
    identity = bytes.fromhex(json.loads((sealed / "envelope.json").read_text())["folder"])
    entry = {"bytes": 1, "sealed": "00000000.sealed", "sha256": "00" * 32}
    (tmp_path / "index").write_bytes(canonical({path: entry}))
    encrypt_file(
        tmp_path / "index", sealed / "index.sealed", KEY, context=identity + b"index.sealed"
    )
    with pytest.raises(DecryptionFailed, match="refused the name"):
        decrypt_folder(sealed, tmp_path / "opened", KEY)
    assert not (tmp_path / "escape").exists()


def test_a_place_that_is_not_empty_is_refused(folder: Path) -> None:
    with pytest.raises(ConfigError, match="empty folder"):
        encrypt_folder(folder, folder, KEY)
