"""A `BlobStore` over any store of the registry: embedded, in memory, or an IPFS node."""

from __future__ import annotations

from pathlib import Path
from typing import final

from registry.errors import StorageError
from registry.storage import DAG_PB, Cid, Store, add_path, fetch_path, get_document, put_document
from trainer.ports import BlobStore

__all__ = ["StoreBlobs"]


@final
class StoreBlobs(BlobStore):
    """Folders as UnixFS trees, bytes as documents. Everything that is put is pinned (T-10).

    Args:
        store: where the blocks lie.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def put_folder(self, folder: Path) -> bytes:
        """Stores and pins a folder; returns the digest of its root block."""
        cid = add_path(self._store, folder)
        self._store.pin(cid)
        return cid.digest

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder of at most `limit` bytes to `destination`; a cut one is resumed."""
        fetch_path(self._store, Cid(DAG_PB, digest), destination, limit=limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores and pins a document, in parts if it is long; returns its digest."""
        return put_document(self._store, data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns a document.

        Raises:
            StorageError: longer than `limit`, or as the store says.
        """
        data = get_document(self._store, digest, limit)
        if len(data) > limit:
            raise StorageError(f"expected a block of at most {limit} bytes, got {len(data)}")
        return data
