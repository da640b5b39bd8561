"""A mailbox in a folder that the parties share: a mounted disk, or a synchronised directory.

    <folder>/<round id in hex>/<kind>/<sender's address>.json

Whoever can write to the folder can write anything: names, sizes and numbers are limited here, and
what a document says is for its reader to check.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import stat
from pathlib import Path
from typing import final

from eth_utils.address import is_checksum_address, to_checksum_address

from registry.errors import ConfigError
from trainer.batches.messages import LARGEST_HANDED
from trainer.ports import Mailbox

__all__ = ["FolderMailbox"]

_KIND = re.compile(r"[a-z]{1,32}")
_FILE = re.compile(r"(0x[0-9a-f]{40})\.json")
_MOST_FILES = 1 << 17  # twice the most seats, and what others lay there


@final
class FolderMailbox(Mailbox):
    """Documents as small files, each written whole or not at all.

    Args:
        folder: shared by coordinator and participants; it has to be there.

    Raises:
        ConfigError: no such folder.
    """

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise ConfigError(f"{folder}: expected a folder that all parties share; make it first")
        self._folder = folder

    def put(self, round_id: bytes, kind: str, sender: str, document: bytes) -> None:
        """Lays a document down in place of the sender's former one of that kind.

        Raises:
            ConfigError: too long, or the folder can't be written.
        """
        if len(document) > LARGEST_HANDED:
            raise ConfigError(f"expected at most {LARGEST_HANDED} bytes, got {len(document)}")
        if not is_checksum_address(sender):
            raise ConfigError(f"expected a checksummed address, got {sender[:60]!r}")
        place = self._place(round_id, kind)
        partial = place / f".{secrets.token_hex(8)}.partial"
        try:
            place.mkdir(parents=True, exist_ok=True)
            handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            with os.fdopen(handle, "wb") as file:
                file.write(document)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(place / f"{sender.lower()}.json")
        except OSError as error:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
            raise ConfigError(f"{place}: the mailbox can't be written: {error.strerror}") from error

    def get(self, round_id: bytes, kind: str, sender: str) -> bytes | None:
        """Returns what lies there under an address, or None."""
        if not is_checksum_address(sender):
            raise ConfigError(f"expected a checksummed address, got {sender[:60]!r}")
        return _read(self._place(round_id, kind) / f"{sender.lower()}.json")

    def documents(self, round_id: bytes, kind: str) -> dict[str, bytes]:
        """Returns what lies there by sender, in ascending order of addresses.

        Files of other names, links, folders, pipes and files that are too long are passed over.
        """
        place = self._place(round_id, kind)
        try:
            with os.scandir(place) as entries:
                names = [entry.name for entry, _ in zip(entries, range(_MOST_FILES), strict=False)]
        except OSError:
            return {}
        found = {}
        for name in sorted(names):
            match = _FILE.fullmatch(name)
            document = _read(place / name) if match else None
            if match and document is not None:
                found[str(to_checksum_address(match[1]))] = document
        return found

    def _place(self, round_id: bytes, kind: str) -> Path:
        if len(round_id) != 32 or not _KIND.fullmatch(kind):
            raise ConfigError(f"expected a round of 32 bytes and a kind, got {kind[:40]!r}")
        return self._folder / round_id.hex() / kind


def _read(path: Path) -> bytes | None:
    try:
        # A link may lead anywhere, and a pipe would be waited on for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return None
        with os.fdopen(handle, "rb", closefd=False) as file:
            document = file.read(LARGEST_HANDED + 1)
    except OSError:
        return None
    finally:
        os.close(handle)
    return document if len(document) <= LARGEST_HANDED else None
