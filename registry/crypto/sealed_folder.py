"""A private version's folder: ciphertext files, and names only inside an encrypted index.

    envelope.json      canonical JSON: {"files":n,"folder":id,"format":"tallystick/envelope/1"}
    index.sealed       the encrypted index: canonical JSON, path → {bytes, sealed, sha256}
    00000000.sealed …  the files, in an order that tells nothing of their names

The folder shows how many files there are and how large they are, nothing else. Sealing the same
files under the same key gives the same bytes, and so the same CID: a publish that was cut is run
again without a second version (T-11). The salts are a keyed hash of all names and contents, so
that two different folders share none, and a file that did not change does not show.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.crypto.envelope import decrypt_file, encrypt_file, read_encrypted
from registry.documents.canonical_json import canonical
from registry.errors import ConfigError, DecryptionFailed
from registry.hashing import sha256, sha256_file
from registry.model_files.local_files import local_files
from registry.model_files.names import check_relative_path, visible_files

__all__ = [
    "ENVELOPE_NAME",
    "INDEX_NAMES",
    "decrypt_folder",
    "decrypt_one",
    "encrypt_folder",
    "sealed_name",
]

ENVELOPE_NAME = "envelope.json"
_INDEX_NAME = "index.sealed"
INDEX_NAMES = (ENVELOPE_NAME, _INDEX_NAME)
_FORMAT = "tallystick/envelope/1"
_LARGEST_ENVELOPE = 4096
_LARGEST_INDEX = 16 << 20


@dataclass(frozen=True)
class _Entry:
    path: str
    sealed: str
    size: int
    digest: str


def encrypt_folder(
    folder: Path, place: Path, key: bytes, extra: Mapping[str, bytes] | None = None
) -> None:
    """Encrypts a folder's files, hidden ones left out, into a new folder of ciphertext alone.

    Args:
        folder: what to encrypt; read twice.
        place: made; must not be there, or be empty.
        key: the content key, 32 bytes.
        extra: files by name that stand beside the folder's own, or in place of one.

    Raises:
        ConfigError: `place` is not empty, a file is refused by its name or can't be read, or the
            key's length.
    """
    with local_files(place):
        place.mkdir(parents=True, exist_ok=True)
        if any(place.iterdir()):
            raise ConfigError(f"expected an empty folder to encrypt into, got {place}")
    files: dict[str, Path | bytes] = dict(visible_files(folder))
    files |= extra or {}
    facts = {path: list(_facts(source)) for path, source in files.items()}
    identity = _keyed(key, b"folder", canonical(facts))
    order = sorted(files, key=lambda path: _keyed(key, b"order", identity + path.encode()))
    index: dict[str, Any] = {}
    for number, path in enumerate(order):
        sealed = f"{number:08}.sealed"
        _seal(files[path], place / sealed, key, identity)
        size, digest = facts[path]
        index[path] = {"bytes": size, "sealed": sealed, "sha256": digest}
    _seal(canonical(index), place / _INDEX_NAME, key, identity)
    envelope = {"files": len(files), "folder": identity.hex(), "format": _FORMAT}
    with local_files(place):
        (place / ENVELOPE_NAME).write_bytes(canonical(envelope))


def _facts(source: Path | bytes) -> tuple[int, str]:
    """Returns a content's size in bytes and its SHA-256 digest in hex."""
    if isinstance(source, bytes):
        return len(source), sha256(source).hex()
    with local_files(source):
        size, digest = sha256_file(source)
    return size, digest.hex()


def decrypt_folder(folder: Path, place: Path, key: bytes) -> None:
    """Decrypts a folder that `encrypt_folder` made.

    Args:
        folder: the ciphertext.
        place: made, for its owner alone (mode 0700); files in it that have the names of decrypted
            ones are replaced.
        key: the content key, 32 bytes.

    Raises:
        DecryptionFailed: no such folder, the wrong key, or a file that is missing, extra, exchanged
            or changed. Files that were authentic so far are left in `place`.
        ConfigError: `place` can't be written to.
    """
    identity, count = _read_envelope(folder)
    entries = _read_index(folder, key, identity)
    expected = {entry.sealed for entry in entries} | {_INDEX_NAME, ENVELOPE_NAME}
    found = {path.name for path in folder.iterdir() if not path.name.startswith(".")}
    if count != len(entries) or len(expected) != count + 2 or expected != found:
        different = sorted(expected ^ found)[:3]
        raise DecryptionFailed(f"{folder}: files are missing or extra: {different}; fetch it again")
    _make_private(place)
    for entry in entries:
        target = place / entry.path
        for part in reversed(Path(entry.path).parents[:-1]):
            _make_private(place / part)
        sealed = folder / entry.sealed
        decrypt_file(sealed, target, key, context=_context(identity, entry.sealed))
        if _facts(target) != (entry.size, entry.digest):
            target.unlink()
            raise DecryptionFailed(f"{entry.path}: not the content that the index names")


def sealed_name(folder: Path, key: bytes, path: str) -> str:
    """Returns the name of a file's ciphertext; of the folder only `INDEX_NAMES` are read.

    Args:
        folder: the ciphertext.
        key: the content key, 32 bytes.
        path: the file's.

    Raises:
        DecryptionFailed: the wrong key, a malformed index, or no such file.
    """
    return _entry(folder, key, path).sealed


def decrypt_one(folder: Path, key: bytes, path: str) -> bytes:
    """Returns one file of a folder that `encrypt_folder` made; others needn't be there.

    Args:
        folder: the ciphertext.
        key: the content key, 32 bytes.
        path: the file's.

    Raises:
        DecryptionFailed: the wrong key, a malformed index, or a file that is missing or changed.
    """
    entry, (identity, _) = _entry(folder, key, path), _read_envelope(folder)
    try:
        context = _context(identity, entry.sealed)
        content = b"".join(read_encrypted(folder / entry.sealed, key, context=context))
    except OSError as error:
        raise DecryptionFailed(f"{folder}: {path} is missing ({error})") from error
    if _facts(content) != (entry.size, entry.digest):
        raise DecryptionFailed(f"{path}: not the content that the index names")
    return content


def _entry(folder: Path, key: bytes, path: str) -> _Entry:
    identity, _ = _read_envelope(folder)
    for entry in _read_index(folder, key, identity):
        if entry.path == path:
            return entry
    raise DecryptionFailed(f"{folder}: expected {path} in it")


def _make_private(folder: Path) -> None:
    """Makes a folder that only its owner may enter; one that is there stays as it is."""
    with local_files(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)


def _keyed(key: bytes, purpose: bytes, message: bytes) -> bytes:
    return hmac.digest(key, b"tallystick/" + purpose + b"/1:" + message, "sha256")


def _context(identity: bytes, name: str) -> bytes:
    """Binds a ciphertext to its folder and place: files can't be exchanged."""
    return identity + name.encode()


def _seal(source: Path | bytes, target: Path, key: bytes, identity: bytes) -> None:
    context = _context(identity, target.name)
    salt = _keyed(key, b"salt", context)
    encrypt_file(source, target, key, context=context, salt=salt)


def _read_envelope(folder: Path) -> tuple[bytes, int]:
    try:
        with (folder / ENVELOPE_NAME).open("rb") as file:
            raw = file.read(_LARGEST_ENVELOPE)
        content = json.loads(raw)
        identity = bytes.fromhex(content["folder"])
        sound = canonical(content) == raw and set(content) == {"files", "folder", "format"}
        if not sound or content["format"] != _FORMAT or len(identity) != 32:
            raise ValueError(f"expected the format {_FORMAT}")
        return identity, int(content["files"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, ConfigError) as error:
        raise DecryptionFailed(f"{folder}: not an encrypted version ({error})") from error


def _read_index(folder: Path, key: bytes, identity: bytes) -> list[_Entry]:
    raw = bytearray()
    try:
        context = _context(identity, _INDEX_NAME)
        for chunk in read_encrypted(folder / _INDEX_NAME, key, context=context):
            raw += chunk
            if len(raw) > _LARGEST_INDEX:
                raise DecryptionFailed(f"{folder}: expected an index of at most 16 MiB")
        index = json.loads(raw)
        for path in index:  # whoever holds the key wrote it: a grantor isn't trusted with paths
            check_relative_path(path)
        return [_Entry(p, f["sealed"], f["bytes"], f["sha256"]) for p, f in sorted(index.items())]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ConfigError) as error:
        raise DecryptionFailed(f"{folder}: the index is malformed ({error})") from error
