"""Documents in a store, by the digest that the chain names: one raw block, or a list of parts."""

from __future__ import annotations

from registry.documents.parts import LARGEST_DOCUMENT, PART_BYTES, Parts, parts_of
from registry.errors import ConfigError
from registry.storage.base import Store
from registry.storage.cid import RAW, Cid

__all__ = ["get_document", "put_document"]


def put_document(store: Store, data: bytes) -> bytes:
    """Stores and pins a document; returns its digest (`registry.documents.parts`).

    Raises:
        ConfigError: more than a document may have.
        StoreUnavailable: no answer.
    """
    if len(data) > LARGEST_DOCUMENT:
        raise ConfigError(
            f"expected a document of at most {LARGEST_DOCUMENT} bytes, got {len(data)}"
        )
    blocks = [data]
    if len(data) > PART_BYTES:  # the list last: what it names is there by then
        blocks = [*parts_of(data), Parts.of(data).to_json()]
    cids = [store.put_block(block, RAW) for block in blocks]
    for cid in cids:
        store.pin(cid)
    return cids[-1].digest


def get_document(store: Store, digest: bytes, limit: int = LARGEST_DOCUMENT) -> bytes:
    """Returns a document; what names no sound parts is returned as it is, for its reader to refuse.

    Raises:
        BlobNotFound: the store lacks it, or a part.
        BlobCorrupted: the bytes are others than a CID says.
        StoreUnavailable: no answer.
    """
    block = store.get_block(Cid(RAW, digest))
    parts = Parts.read(block, limit)
    if parts is None:
        return block
    found = []
    for part, length in zip(parts.digests, parts.lengths(), strict=True):
        found.append(store.get_block(Cid(RAW, part)))
        if len(found[-1]) != length:
            return block
    return b"".join(found)
