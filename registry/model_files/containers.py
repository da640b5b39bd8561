"""Archives: tar files by their header, and the members of zip archives, within bounds (T-26)."""

from __future__ import annotations

import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from registry.errors import ManifestError
from registry.model_files.compressed import MOST_UNPACKED, TooMuch

__all__ = ["check_zip_listing", "is_tar", "is_zip", "zip_members"]

_MOST_ZIP_ENTRIES = 65_534
_LARGEST_ZIP_LISTING = 16 << 20
_TAIL_BYTES = 65_557
_END = b"PK\x05\x06"
_UNSOUND = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, MemoryError),
    *(NotImplementedError, ValueError, RuntimeError),
)


def is_tar(first: bytes) -> bool:
    """Tells whether a file's first 512 bytes are a tar header, old ones without a mark too."""
    if first[257:262] == b"ustar":
        return True
    try:
        tarfile.TarInfo.frombuf(first[:512], "utf-8", "surrogateescape")
    except (tarfile.HeaderError, ValueError):
        return False
    return True


def is_zip(file: BinaryIO, first: bytes, size: int) -> bool:
    """Tells whether a file begins as a zip archive, or ends as one (then it may begin otherwise).

    Args:
        file: seekable; its position is changed.
        first: its first bytes.
        size: its size in bytes.
    """
    if first.startswith((b"PK\x03\x04", _END)):
        return True
    tail = _tail(file, size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        return False
    return at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") == len(tail)


def _tail(file: BinaryIO, size: int) -> bytes:
    file.seek(max(0, size - _TAIL_BYTES))
    return file.read()


def check_zip_listing(file: BinaryIO, size: int, shown: str) -> None:
    """Refuses an archive whose list of names is missing or too long to read.

    Raises:
        ManifestError: as said.
    """
    tail = _tail(file, size)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        raise ManifestError(f"{shown}: a zip archive without a list of names; take it out")
    entries, listing = struct.unpack_from("<HI", tail, at + 10)
    if entries > _MOST_ZIP_ENTRIES or listing > _LARGEST_ZIP_LISTING:
        raise ManifestError(f"{shown}: a zip archive with too long a list of names; unpack it")


@contextmanager
def zip_members(file: BinaryIO, shown: str) -> Iterator[Iterator[tuple[str, BinaryIO]]]:
    """Gives the name and the content of every member of an archive, one after the other.

    Raises:
        ManifestError: not a sound archive, an encrypted member, or a way of packing that the
            standard library doesn't know.
        TooMuch: the members are over 1 GiB.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            yield _members(archive)
    except _UNSOUND as error:
        raise ManifestError(
            f"{shown}: not a zip archive that can be looked into ({error}); unpack it"
        ) from error


def _members(archive: zipfile.ZipFile) -> Iterator[tuple[str, BinaryIO]]:
    members = archive.infolist()
    if sum(info.file_size for info in members) > MOST_UNPACKED:  # no member reads past its size
        raise TooMuch
    for info in members:
        if not info.is_dir():
            with archive.open(info) as member:
                yield info.filename, io.BufferedReader(member)  # type: ignore[type-var]
