"""The seam between the project and storage: a store keeps blocks under their CIDs.

A block is checked when it comes in and when it goes out (C-4), in the two final methods here, so
that no store can forget to. What a store adds is only where the bytes are.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Self, final

from registry.errors import BlobAltered, BlobNotFound, ConfigError
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.dag_pb import decode_node

__all__ = ["MAX_BLOCK_BYTES", "Store", "missing_blocks"]

MAX_BLOCK_BYTES = 1 << 20  # what Kubo's block API takes; bitswap carries twice as much


class Store(ABC):
    """Blocks by CID. A store may be used from several threads."""

    @property
    @abstractmethod
    def parallelism(self) -> int:
        """How many transfers at a time are worth while: 1 for a disk, more for a network."""

    @abstractmethod
    def has_block(self, cid: Cid) -> bool:
        """Tells whether the store itself holds the block, without asking any peer of it.

        Raises:
            StoreUnavailable: no answer.
        """

    @abstractmethod
    def write_block(self, cid: Cid, data: bytes) -> None:
        """Keeps a block whose CID is known to be right. Callers use `put_block`."""

    @abstractmethod
    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns what the store says the block is, unchecked. Callers use `get_block`.

        Raises:
            BlobNotFound: it isn't there.
            BlobAltered: it is longer than `limit` bytes.
            StoreUnavailable: no answer.
        """

    @abstractmethod
    def pin(self, cid: Cid) -> None:
        """Keeps the block and all below it from being collected; it is durable on return.

        Raises:
            BlobNotFound: a block below is missing.
        """

    @abstractmethod
    def unpin(self, cid: Cid) -> None:
        """Takes a pin back; nothing happens if there is none."""

    @abstractmethod
    def is_pinned(self, cid: Cid) -> bool:
        """Tells whether `pin` was called for this very CID."""

    @abstractmethod
    def close(self) -> None:
        """Lets connections and files go. A closed store is used no more."""

    @final
    def put_block(self, data: bytes, codec: int = RAW) -> Cid:
        """Stores a block, unless it is there already, and returns its CID, computed here (T-9).

        Raises:
            ConfigError: more than 1 MiB, or an unknown codec.
            StoreUnavailable: no answer.
        """
        if len(data) > MAX_BLOCK_BYTES:
            raise ConfigError(
                f"expected a block of at most {MAX_BLOCK_BYTES} bytes, got {len(data)}; "
                "store it as a file"
            )
        cid = Cid.of(data, codec)
        self.put_known(cid, data)
        return cid

    @final
    def put_known(self, cid: Cid, data: bytes) -> None:
        """Stores a block whose CID the caller has just computed: sent once, ever (T-5, T-6)."""
        if not self.has_block(cid):
            self.write_block(cid, data)

    @final
    def get_block(self, cid: Cid) -> bytes:
        """Returns a block's bytes, checked against its CID.

        Raises:
            BlobNotFound: the store doesn't hold it.
            BlobAltered: the bytes are others than the CID says (T-7, T-8).
            StoreUnavailable: no answer.
        """
        data = self.read_block(cid, 2 * MAX_BLOCK_BYTES)
        if Cid.of(data, cid.codec) != cid:
            raise BlobAltered(
                f"{cid}: expected bytes of this hash, got {len(data)} bytes of another; "
                "use another source"
            )
        return data

    @final
    def __enter__(self) -> Self:
        return self

    @final
    def __exit__(self, *_: Any) -> None:
        self.close()


def missing_blocks(store: Store, root: Cid) -> list[Cid]:
    """Returns the blocks under `root` that the store itself does not hold, each once.

    Raises:
        BlobCorrupted: a node is malformed.
    """
    seen = {root}
    todo = [root]
    missing: list[Cid] = []
    while todo:
        cid = todo.pop()
        if not store.has_block(cid):
            missing.append(cid)
            continue
        if cid.codec != DAG_PB:
            continue
        try:
            links = decode_node(store.get_block(cid)).links
        except BlobNotFound:
            missing.append(cid)
            continue
        for link in links:
            if link.cid not in seen:
                seen.add(link.cid)
                todo.append(link.cid)
    return missing
