"""Bytes read in order from a file or from what is unpacked, with little of them in memory."""

from __future__ import annotations

from typing import BinaryIO, final

__all__ = ["ByteStream"]

_KEPT = 1024
_AT_ONCE = 1 << 20


@final
class ByteStream:
    """A file read forward from where it stands. Of a long argument 1,024 bytes are kept.

    Args:
        file: where from.
        size: the file's size in bytes if it may be skipped by `seek`; None: skipping reads.
    """

    def __init__(self, file: BinaryIO, size: int | None = None) -> None:
        self._file, self._size = file, size
        self.at = file.tell() if size is not None else 0

    def byte(self) -> int:
        """Returns the next byte, or -1 at the end."""
        read = self._file.read(1)
        self.at += len(read)
        return read[0] if read else -1

    def take(self, count: int) -> bytes | None:
        """Returns the first bytes of the next `count`, all of which are passed; None if cut off."""
        kept = self._file.read(min(count, _KEPT))
        self.at += count
        if len(kept) == count:
            return kept
        if count <= _KEPT or not self._pass(count - len(kept)):
            return None
        return kept

    def _pass(self, left: int) -> bool:
        """Skips so many bytes; tells whether there were as many."""
        if self._size is not None:
            if self.at > self._size:
                return False
            self._file.seek(self.at)
            return True
        while left:
            passed = len(self._file.read(min(left, _AT_ONCE)))
            if not passed:
                return False
            left -= passed
        return True

    def line(self) -> bytes | None:
        """Returns the first bytes of the next line, which is passed; None if it has no end."""
        kept = part = self._file.readline(_KEPT)
        self.at += len(part)
        while part and not part.endswith(b"\n"):
            part = self._file.readline(_AT_ONCE)
            self.at += len(part)
        return kept.removesuffix(b"\n") if part else None

    def only_blanks_follow(self) -> bool:
        """Tells whether a few blanks at most are left; passes nothing."""
        peek = getattr(self._file, "peek", None)
        rest = peek(64)[:64] if peek is not None else b""
        return len(rest) < 64 and not rest.strip()
