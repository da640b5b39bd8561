"""What is compressed or in a zip archive, unpacked a little at a time and within bounds (T-26)."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, final

from registry.errors import ManifestError

__all__ = [
    "MOST_UNPACKED",
    "TooMuch",
    "check_zip_listing",
    "is_tar",
    "is_zip",
    "unpacked",
    "zip_members",
]

MOST_UNPACKED = 1 << 30
_READ_BYTES = 1 << 16
_MOST_ZIP_ENTRIES = 65_534
_LARGEST_ZIP_LISTING = 16 << 20
_TAIL_BYTES = 65_557
_END = b"PK\x05\x06"
_MEMORY = 64 << 20
_UNSOUND = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError),
    *(NotImplementedError, ValueError, RuntimeError),
)

_PACKED: tuple[tuple[bytes, Callable[[], Any]], ...] = (
    (b"\x1f\x8b", lambda: zlib.decompressobj(31)),
    (b"\x78", zlib.decompressobj),
    (b"BZh", bz2.BZ2Decompressor),
    (b"\xfd7zXZ\x00", lambda: lzma.LZMADecompressor(memlimit=_MEMORY)),
    (b"\x5d\x00\x00", lambda: lzma.LZMADecompressor(memlimit=_MEMORY)),
)


class TooMuch(Exception):
    """More would have to be unpacked than is allowed."""


@final
class _Unpacking(io.RawIOBase):
    """Reads what is compressed; ends where it is malformed, as nobody could read on there."""

    def __init__(self, file: BinaryIO, make: Callable[[], Any]) -> None:
        self._file, self._make = file, make
        self._unpacker, self._packed, self._done = make(), b"", 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._done > MOST_UNPACKED:
            raise TooMuch
        data = self._next(len(buffer))
        buffer[: len(data)] = data
        self._done += len(data)
        return len(data)

    def _next(self, most: int) -> bytes:
        while True:
            if self._unpacker.eof:  # several packed streams in a row are one content
                self._packed = self._unpacker.unused_data
                self._unpacker = self._make()
            wants = getattr(self._unpacker, "needs_input", True)  # else it holds some still
            if wants and not self._packed:
                self._packed = self._file.read(_READ_BYTES)
            ended = wants and not self._packed
            try:
                data = bytes(self._unpacker.decompress(self._packed, most))
            except (zlib.error, OSError, lzma.LZMAError, EOFError, ValueError):
                return b""
            self._packed = getattr(self._unpacker, "unconsumed_tail", b"")
            if data or (ended and not self._unpacker.eof):
                return data


def unpacked(file: BinaryIO, first: bytes) -> BinaryIO | None:
    """Returns what a compressed file holds, read as one goes, or None if it isn't compressed.

    Args:
        file: at its beginning.
        first: its first bytes.

    Raises:
        TooMuch: while reading, past 1 GiB.
    """
    for mark, make in _PACKED:
        if first.startswith(mark):
            found = io.BufferedReader(_Unpacking(file, make), _READ_BYTES)
            return found if found.peek(1) else None
    return None


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
