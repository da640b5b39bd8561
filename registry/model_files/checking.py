"""A folder's visible files before every judge, and a file's content before the right ones."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO, final

from registry.errors import ConfigError, ManifestError
from registry.model_files.arrays import array_of_objects
from registry.model_files.compressed import MOST_UNPACKED, TooMuch, unpacked
from registry.model_files.containers import check_zip_listing, is_tar, is_zip, zip_members
from registry.model_files.pickle_search import WINDOW_BYTES, pickle_at_start, pickle_behind
from registry.model_files.safetensors_header import check_safetensors

__all__ = ["REFUSED_SUFFIXES", "check_model_file", "check_model_folder"]

# fmt: off
REFUSED_SUFFIXES = frozenset((
    ".pkl", ".pickle", ".pck", ".pcl", ".p", ".dill", ".cloudpickle", ".pt", ".pth", ".pt2", ".ptc",
    ".bin", ".ckpt", ".joblib", ".sav", ".npz", ".mar", ".nemo", ".tar", ".model_state", ".pyc",
))
# fmt: on
_REMEDY = "export the model as safetensors"
_MOST_NESTED = 4
_HELD_BYTES = 64 << 20
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"
# Python's own modules don't unpack these, so that their content can't be judged.
_OPAQUE = {b"\x04\x22\x4d\x18": "lz4", b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x9d": "compress"}


def check_model_folder(folder: Path) -> None:
    """Returns if every file below the folder that would be published is safe to open.

    Hidden files and what lies in hidden folders are never published, so they are passed over.

    Raises:
        ManifestError: names the first file that is refused by its path in the folder, and why.
        ConfigError: a file or folder that can't be read.
    """
    if not folder.is_dir():
        raise ManifestError(f"expected a folder of model files, got {folder}")
    for shown, path in _visible(folder, ""):
        if path.is_symlink():
            raise ManifestError(f"{shown} is a symbolic link; replace it by what it points to")
        if not path.is_file():
            raise ManifestError(f"{shown} is neither a file nor a folder; take it out")
        check_model_file(path, shown)


def _visible(folder: Path, prefix: str) -> Iterator[tuple[str, Path]]:
    try:
        children = sorted(folder.iterdir())
    except OSError as error:
        raise ConfigError(
            f"{folder}: expected a folder that can be read ({error.strerror}); see its permissions"
        ) from error
    for child in children:
        if child.name.startswith("."):
            continue
        if child.is_dir() and not child.is_symlink():
            yield from _visible(child, f"{prefix}{child.name}/")
        else:
            yield prefix + child.name, child


def check_model_file(path: Path, shown: str | None = None) -> None:
    """Returns if the file is safe to open.

    Args:
        path: the file.
        shown: how messages name it; its own name if None.

    Raises:
        ManifestError: a pickle by name or structure, a container that holds one or can't be looked
            into, a pointer in place of content, or a safetensors file with an unsound header.
        ConfigError: it can't be read.
    """
    shown = shown or path.name
    _check_suffixes(shown, path.name)
    try:
        with path.open("rb") as file:
            if path.suffix.lower() == ".safetensors":
                _refuse_pointer(file.peek(64), shown)
                check_safetensors(path, shown)
                _refuse(shown, pickle_at_start(file, os.fstat(file.fileno()).st_size))
            else:
                _Judge().seekable(file, shown, os.fstat(file.fileno()).st_size)
    except OSError as error:
        raise ConfigError(
            f"{path}: expected a file that can be read ({error.strerror}); see its permissions"
        ) from error
    except TooMuch as error:
        raise ManifestError(f"{shown}: {error}; unpack it") from None


def _check_suffixes(shown: str, name: str) -> None:
    # Every suffix counts: `model.pkl.gz` and `model.pt.txt` are still what they were made as.
    suffixes = (suffix.lower() for suffix in PurePosixPath(name).suffixes)
    refused = [suffix for suffix in suffixes if suffix in REFUSED_SUFFIXES]
    if refused:
        raise ManifestError(f"{shown}: files named *{refused[0]} may run code; {_REMEDY}")


def _refuse(shown: str, reason: str | None) -> None:
    if reason is not None:
        raise ManifestError(f"{shown}: {reason}; {_REMEDY}")


def _refuse_pointer(first: bytes, shown: str) -> None:
    if first.startswith(_LFS_POINTER):
        raise ManifestError(
            f"{shown}: a Git LFS pointer in place of the file; run `git lfs pull` first"
        )


def _refuse_opaque(window: bytes, shown: str) -> None:
    _refuse_pointer(window, shown)
    if is_tar(window):
        raise ManifestError(f"{shown}: tar archives are refused; unpack it")
    for mark, name in _OPAQUE.items():
        if window.startswith(mark):
            raise ManifestError(f"{shown}: packed by {name}, can't be looked into; unpack it")


@final
class _Judge:
    """Judges a file and what is packed in it, unpacking 1 GiB at most in all."""

    def __init__(self) -> None:
        self._left = MOST_UNPACKED

    def seekable(self, file: BinaryIO, shown: str, size: int, depth: int = 0) -> None:
        """Judges a file of which every part can be read again."""
        window = file.read(WINDOW_BYTES)
        _refuse_opaque(window, shown)
        file.seek(0)
        _refuse(shown, array_of_objects(file, window))
        file.seek(0)
        _refuse(shown, pickle_at_start(file, size))
        if is_zip(file, window, size):
            check_zip_listing(file, size, shown)
            with zip_members(file, shown) as members:
                for name, member in members:
                    inner = f"{shown} holds {name[:80]!r}"
                    _check_suffixes(inner, name)
                    self._stream(member, inner, depth + 1)
            return
        _refuse(shown, pickle_behind(window))
        for packed in unpacked(file, window):
            self._stream(packed, f"{shown}, unpacked", depth + 1)

    def _stream(self, stream: BinaryIO, shown: str, depth: int) -> None:
        """Judges what is unpacked: from memory up to 64 MiB, in one pass beyond."""
        if depth > _MOST_NESTED:
            raise ManifestError(f"{shown}: packed more than {_MOST_NESTED} times over; unpack it")
        held = stream.read(_HELD_BYTES)
        self._left -= len(held)
        if self._left < 0:
            raise TooMuch
        if len(held) < _HELD_BYTES:
            self.seekable(io.BytesIO(held), shown, len(held), depth)
            return
        _refuse_opaque(held, shown)
        packed_too = f"{shown}: an archive of over 64 MiB within another; unpack it"
        if held.startswith(b"PK\x03\x04"):
            raise ManifestError(packed_too)
        beginning = io.BytesIO(held)
        for packed in unpacked(beginning, held):
            self._stream(packed, f"{shown}, unpacked", depth + 1)
            if beginning.tell() == len(held):  # sound so far, and the rest can't be read again
                raise ManifestError(packed_too)
        _refuse(shown, array_of_objects(io.BytesIO(held), held))
        joined = io.BufferedReader(_Joined(held, stream))
        _refuse(shown, pickle_at_start(joined) or pickle_behind(held[:WINDOW_BYTES]))


@final
class _Joined(io.RawIOBase):
    """What was read already, then the rest."""

    def __init__(self, held: bytes, rest: BinaryIO) -> None:
        self._parts = [io.BytesIO(held), rest]

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while self._parts:
            data = self._parts[0].read(len(buffer))
            if data:
                buffer[: len(data)] = data
                return len(data)
            self._parts.pop(0)
        return 0
