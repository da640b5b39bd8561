"""One file per block, in Kubo's own layout: `<next-to-last two letters>/<KEY>.data`.

The key is upper-case base32 of the multihash, so a block is found whatever its codec. A write goes
to a temporary file first and is renamed: a reader sees a whole block or none.
"""

from __future__ import annotations

import base64
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from registry.errors import BlobAltered, BlobNotFound
from registry.storage.cid import Cid

__all__ = ["FlatFiles", "sync_file"]

_MULTIHASH = b"\x12\x20"


def sync_file(path: Path) -> None:
    """Makes a file's or folder's content durable (fsync)."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FlatFiles:
    """Blocks as files under one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, cid: Cid) -> Path:
        """Returns where a block's file is, or would be."""
        key = base64.b32encode(_MULTIHASH + cid.digest).decode("ascii").rstrip("=")
        return self.folder / key[-3:-1] / f"{key}.data"

    def size(self, cid: Cid) -> int | None:
        """Returns a block's size in bytes, or None if it isn't there."""
        try:
            return self.path(cid).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, cid: Cid, limit: int) -> bytes:
        """Returns a block's bytes, unchecked.

        Raises:
            BlobNotFound: it isn't there.
            BlobAltered: the file is longer than `limit`.
        """
        try:
            with self.path(cid).open("rb", buffering=0) as file:
                size = os.fstat(file.fileno()).st_size
                if size > limit:
                    raise BlobAltered(f"{cid}: expected at most {limit} bytes, got {size}")
                return file.read()
        except FileNotFoundError:
            raise BlobNotFound(f"{cid} is not in {self.folder}") from None

    def write(self, cid: Cid, data: bytes) -> Path:
        """Writes a block and returns its file; not durable before `sync_file`."""
        path = self.path(cid)
        try:
            handle, temporary = tempfile.mkstemp(prefix="put-", dir=path.parent)
        except FileNotFoundError:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix="put-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)  # buffered: goes on after a short write, or says why it can't
                file.flush()
                os.fchmod(file.fileno(), 0o644)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise
        return path

    def digests(self) -> Iterator[tuple[bytes, Path]]:
        """Yields the digest and the file of every block."""
        for path in self.folder.glob("??/*.data"):
            key = path.stem
            raw = base64.b32decode(key + "=" * (-len(key) % 8))
            if raw[:2] == _MULTIHASH and len(raw) == 34:
                yield raw[2:], path

    def partial(self) -> list[Path]:
        """Returns the files of writes that haven't ended, or were cut short."""
        return list(self.folder.glob("??/put-*"))
