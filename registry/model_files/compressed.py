"""What is compressed, unpacked a little at a time and within bounds of bytes and memory (T-26)."""

from __future__ import annotations

import bz2
import io
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO, final

__all__ = ["MOST_UNPACKED", "TooMuch", "unpacked"]

MOST_UNPACKED = 1 << 30
_READ_BYTES = 1 << 16
_MEMORY = 64 << 20
_DICTIONARY = 128 << 20
_LZMA_HEADER = 13
_XZ = b"\xfd7zXZ\x00"


class TooMuch(Exception):
    """More bytes or more memory than is allowed would be needed; the text says which."""

    def __init__(self, reason: str = f"expected at most {MOST_UNPACKED} bytes to look through"):
        super().__init__(reason)


_TOO_WIDE = "packed with a larger dictionary than is held, can't be looked into"


@final
class _Lzma:
    """Unpacks one `.xz` or `.lzma` stream, whatever dictionary it asks for.

    No stream looks further back than to its own beginning: one that asks for more than 128 MiB is
    unpacked with so much, to the same bytes, and refused only where it goes on beyond.
    """

    def __init__(self) -> None:
        self._header, self._left = b"", -1
        self._unpacker = lzma.LZMADecompressor()

    @property
    def eof(self) -> bool:
        return self._unpacker.eof

    @property
    def unused_data(self) -> bytes:
        return self._unpacker.unused_data

    @property
    def needs_input(self) -> bool:
        return self._unpacker.needs_input

    def decompress(self, data: bytes, most: int) -> bytes:
        """Returns some of what is unpacked.

        Raises:
            TooMuch: it needs more memory than is allowed.
            lzma.LZMAError: malformed.
        """
        if len(self._header) < _LZMA_HEADER:
            self._header += data
            if len(self._header) < _LZMA_HEADER:
                return b""
            data = self._begun(self._header)
        try:
            found = self._unpacker.decompress(data, most)
        except lzma.LZMAError as error:
            if "memory" in str(error).lower():  # the module has no class of its own for it
                raise TooMuch(_TOO_WIDE) from None
            raise
        if self._left >= 0:
            self._left -= len(found)
            if self._left < 0:
                raise TooMuch(_TOO_WIDE)
        return found

    def _begun(self, data: bytes) -> bytes:
        if data.startswith(_XZ):
            self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_MEMORY)
            return data
        self._unpacker = lzma.LZMADecompressor(lzma.FORMAT_ALONE)
        if int.from_bytes(data[1:5], "little") <= _DICTIONARY:
            return data
        self._left = _DICTIONARY
        return data[:1] + _DICTIONARY.to_bytes(4, "little") + data[5:]


def _is_zlib(first: bytes) -> bool:
    """Tells whether two bytes are a zlib header: deflate, any window, and their check."""
    if len(first) < 2 or first[0] & 15 != 8 or first[0] >> 4 > 7:
        return False
    return int.from_bytes(first[:2]) % 31 == 0


def _is_lzma(first: bytes) -> bool:
    """Tells whether bytes may begin as LZMA: it has no mark but the range of its first byte."""
    return first.startswith(_XZ) or (len(first) > _LZMA_HEADER and first[0] < 9 * 5 * 5)


_PACKED: tuple[tuple[Callable[[bytes], bool], Callable[[], Any]], ...] = (
    (lambda first: first.startswith(b"\x1f\x8b"), lambda: zlib.decompressobj(31)),
    (lambda first: first.startswith(b"BZh"), bz2.BZ2Decompressor),
    (_is_zlib, zlib.decompressobj),
    (_is_lzma, _Lzma),
)


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


def unpacked(file: BinaryIO, first: bytes) -> Iterator[BinaryIO]:
    """Gives what a compressed file holds, read as one goes; nothing if it isn't compressed.

    Few bytes mark a way of packing, and ordinary numbers may begin like it: whatever can be
    unpacked by one of them, up to where it is malformed, is given, and may be a few odd bytes.

    Args:
        file: seekable, of compressed bytes; its position is changed.
        first: its first bytes.

    Raises:
        TooMuch: also while reading: past 1 GiB, or for its dictionary.
    """
    for begins, make in _PACKED:
        if begins(first):
            file.seek(0)
            found = io.BufferedReader(_Unpacking(file, make), _READ_BYTES)
            if found.peek(1):
                yield found
