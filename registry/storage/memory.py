"""A store in memory: for short-lived work and for tests; it passes the same suite as the others."""

from __future__ import annotations

from typing import final

from registry.errors import BlobAltered, BlobNotFound
from registry.storage.base import Store, missing_blocks
from registry.storage.cid import Cid

__all__ = ["MemoryStore"]


@final
class MemoryStore(Store):
    """Blocks in a dictionary."""

    def __init__(self) -> None:
        self._blocks: dict[bytes, bytes] = {}
        self._pins: set[Cid] = set()

    def __len__(self) -> int:
        return len(self._blocks)

    @property
    def parallelism(self) -> int:
        """One: nothing waits."""
        return 1

    def has_block(self, cid: Cid) -> bool:
        """Tells whether the block is here, by its digest."""
        return cid.digest in self._blocks

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Keeps the block."""
        self._blocks[cid.digest] = bytes(data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the block."""
        try:
            data = self._blocks[cid.digest]
        except KeyError:
            raise BlobNotFound(f"{cid} is not in memory") from None
        if len(data) > limit:
            raise BlobAltered(f"{cid}: expected at most {limit} bytes, got {len(data)}")
        return data

    def pin(self, cid: Cid) -> None:
        """Pins, if every block below is here."""
        missing = missing_blocks(self, cid)
        if missing:
            raise BlobNotFound(f"{cid} can't be pinned: {len(missing)} blocks below are missing")
        self._pins.add(cid)

    def unpin(self, cid: Cid) -> None:
        """Takes the pin back."""
        self._pins.discard(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """Tells whether there is a pin."""
        return cid in self._pins

    def close(self) -> None:
        """Lets the blocks go."""
        self._blocks.clear()
        self._pins.clear()
