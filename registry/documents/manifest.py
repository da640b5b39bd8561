"""`manifest.json`: every file of a version's folder with its digest, and what the version is (C-2).

The round-trip law: `Manifest.parse(m.to_json()) == m` for every manifest, and
`Manifest.parse(b).to_json() == b` for every text that parses. One manifest has one text.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from registry.documents.canonical_json import canonical
from registry.errors import ConfigError, ManifestError
from registry.hashing import sha256_file
from registry.model_files.local_files import local_files
from registry.model_files.names import check_relative_path, visible_files

__all__ = ["FORMAT", "MANIFEST_NAME", "MAX_MANIFEST_BYTES", "FileEntry", "Manifest"]

FORMAT = "tallystick/manifest/1"
MANIFEST_NAME = "manifest.json"
MAX_MANIFEST_BYTES = 16 << 20
_MOST_PARENTS = 8
_LONGEST_TEXT = 65_536
_KEYS = {"format", "files", "framework", "architecture", "licence"} | {
    "parents",
    "round",
    "metadata",
}


@dataclass(frozen=True)
class FileEntry:
    """A file's size in bytes and its SHA-256 digest."""

    size: int
    digest: bytes


@dataclass(frozen=True)
class Manifest:
    """A version's manifest. Mappings are read-only; files are in order of path.

    Raises:
        ManifestError: a path, number, digest, identifier or text that C-2 doesn't allow.
    """

    files: Mapping[str, FileEntry] = field(hash=False)
    framework: str = ""
    architecture: str = ""
    licence: str = ""
    parents: tuple[bytes, ...] = ()
    round_id: bytes | None = None
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Checks every field and freezes the mappings."""
        for path, entry in self.files.items():
            _check_entry(path, entry)
        for path in self.files:
            parts = path.split("/")
            if any("/".join(parts[:n]) in self.files for n in range(1, len(parts))):
                _refuse(f"{path!r} lies under a path that is a file")
        if len(self.parents) > _MOST_PARENTS:
            _refuse(f"expected at most {_MOST_PARENTS} parents, got {len(self.parents)}")
        for identifier in (*self.parents, *([] if self.round_id is None else [self.round_id])):
            if not isinstance(identifier, bytes) or len(identifier) != 32:
                _refuse("expected version and round identifiers of 32 bytes")
        texts = (self.framework, self.architecture, self.licence)
        for text in (*texts, *self.metadata, *self.metadata.values()):
            if type(text) is not str or len(text) > _LONGEST_TEXT:
                _refuse(f"expected texts of at most {_LONGEST_TEXT} characters")
        object.__setattr__(self, "files", MappingProxyType(dict(sorted(self.files.items()))))
        object.__setattr__(self, "metadata", MappingProxyType(dict(sorted(self.metadata.items()))))
        object.__setattr__(self, "parents", tuple(self.parents))

    @classmethod
    def build(
        cls,
        folder: Path,
        *,
        framework: str = "",
        architecture: str = "",
        licence: str = "",
        parents: Sequence[bytes] = (),
        round_id: bytes | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Manifest:
        """Returns the manifest of a folder's files, hidden ones and `manifest.json` left out.

        Raises:
            ManifestError: a symbolic link, a name that is refused, or a field that C-2 refuses.
            ConfigError: a file that can't be read.
        """
        files = {}
        for path, place in _files_of(folder).items():
            with local_files(place):
                size, digest = sha256_file(place)
            files[path] = FileEntry(size, digest)
        return cls(
            files, framework, architecture, licence, tuple(parents), round_id, metadata or {}
        )

    def to_json(self) -> bytes:
        """Returns the manifest's canonical JSON.

        Raises:
            ManifestError: a value that canonical JSON has no form for.
        """
        files = {p: {"bytes": e.size, "sha256": e.digest.hex()} for p, e in self.files.items()}
        content = {
            "format": FORMAT,
            "files": files,
            "framework": self.framework,
            "architecture": self.architecture,
            "licence": self.licence,
            "parents": ["0x" + parent.hex() for parent in self.parents],
            "round": None if self.round_id is None else "0x" + self.round_id.hex(),
            "metadata": dict(self.metadata),
        }
        try:
            return canonical(content)
        except ConfigError as error:
            raise ManifestError(f"manifest: {error}") from error

    @classmethod
    def parse(cls, data: bytes) -> Manifest:
        """Returns the manifest of its canonical JSON.

        Raises:
            ManifestError: over 16 MiB, not canonical JSON, unknown or missing fields, or a value
                that C-2 doesn't allow.
        """
        content = _load(data)
        if not isinstance(content, dict) or set(content) != _KEYS:
            got = sorted(content) if isinstance(content, dict) else type(content).__name__
            _refuse(f"expected the fields {sorted(_KEYS)}, got {got}")
        if content["format"] != FORMAT:
            _refuse(f"expected the format {FORMAT}, got {content['format']!r}")
        for name, kind in (("files", dict), ("parents", list), ("metadata", dict)):
            if type(content[name]) is not kind:
                _refuse(f"expected {name} to be a {kind.__name__}")
        manifest = cls(
            {path: _entry(path, value) for path, value in content["files"].items()},
            content["framework"],
            content["architecture"],
            content["licence"],
            tuple(_identifier(parent) for parent in content["parents"]),
            None if content["round"] is None else _identifier(content["round"]),
            content["metadata"],
        )
        if manifest.to_json() != data:
            _refuse("expected canonical JSON: sorted keys, no blanks, no repeated keys")
        return manifest

    def verify_folder(self, folder: Path, remedy: str = "fetch again") -> None:
        """Returns if the folder holds the listed files and no others.

        Sizes are compared before anything is read. Hidden files are no part of a version.

        Args:
            folder: what to verify.
            remedy: what to do about a difference, for the message.

        Raises:
            ManifestError: names the first file that is missing, extra or different.
            ConfigError: a file that can't be read.
        """
        found = _files_of(folder)
        for path in sorted(self.files.keys() | found.keys()):
            if path not in found:
                raise ManifestError(f"{path} is in the manifest but not in {folder}; {remedy}")
            if path not in self.files:
                raise ManifestError(
                    f"{path} is in {folder} but not in the manifest; take it out, or {remedy}"
                )
            with local_files(found[path]):
                size = found[path].stat().st_size
            if size != self.files[path].size:
                raise ManifestError(
                    f"{path}: expected {self.files[path].size} bytes, got {size}; {remedy}"
                )
        for path, entry in self.files.items():
            with local_files(found[path]):
                _, digest = sha256_file(found[path])
            if digest != entry.digest:
                raise ManifestError(
                    f"{path}: expected sha256 {entry.digest.hex()}, got {digest.hex()}; {remedy}"
                )


def _refuse(message: str) -> NoReturn:
    raise ManifestError(f"manifest: {message}")


def _files_of(folder: Path) -> dict[str, Path]:
    try:
        return {path: at for path, at in visible_files(folder) if path != MANIFEST_NAME}
    except ConfigError as error:
        raise ManifestError(str(error)) from error


def _check_entry(path: str, entry: FileEntry) -> None:
    try:
        check_relative_path(path)
    except ConfigError as error:
        raise ManifestError(f"manifest: {error}") from error
    if path == MANIFEST_NAME:
        _refuse("a manifest does not list itself")
    if type(entry.size) is not int or not 0 <= entry.size < 1 << 63:
        _refuse(f"{path}: expected a size in bytes, got {entry.size!r}")
    if not isinstance(entry.digest, bytes) or len(entry.digest) != 32:
        _refuse(f"{path}: expected a SHA-256 digest of 32 bytes")


def _load(data: bytes) -> Any:
    if len(data) > MAX_MANIFEST_BYTES:
        _refuse(f"expected at most {MAX_MANIFEST_BYTES} bytes, got {len(data)}")

    def refuse_float(text: str) -> NoReturn:
        _refuse(f"expected no float, got {text[:40]}")

    try:
        return json.loads(
            data.decode("utf-8"), parse_float=refuse_float, parse_constant=refuse_float
        )
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"manifest: not valid JSON ({error})") from error


def _entry(path: str, value: Any) -> FileEntry:
    if type(value) is not dict or set(value) != {"bytes", "sha256"}:
        _refuse(f"{path}: expected bytes and sha256, got {value!r:.80}")
    return FileEntry(value["bytes"], _hex(path, value["sha256"]))


def _identifier(text: Any) -> bytes:
    if type(text) is not str or not text.startswith("0x"):
        _refuse(f"expected an identifier of 0x and 64 digits, got {text!r:.80}")
    return _hex("identifier", text[2:])


def _hex(what: str, text: Any) -> bytes:
    if type(text) is not str or len(text) != 64 or set(text) - set("0123456789abcdef"):
        _refuse(f"{what}: expected 64 lower-case hexadecimal digits, got {text!r:.80}")
    return bytes.fromhex(text)
