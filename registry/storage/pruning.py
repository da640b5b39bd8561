"""What a store may let go: everything that nothing kept leads to."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from registry.errors import BlobCorrupted, StorageError
from registry.storage.base import Store
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.dag_pb import decode_node

__all__ = ["Pruned", "reached"]

_WORD = re.compile(r"(?:0x)?([0-9a-f]{64})")


@dataclass(frozen=True)
class Pruned:
    """What went, or would go: pins, blocks, and their bytes on the disk."""

    pins: int
    blocks: int
    bytes: int


def reached(store: Store, digests: Iterable[bytes], passed: Collection[bytes] = ()) -> set[bytes]:
    """Returns the digests of all blocks of a store that some digests lead to, themselves included.

    A digest tells no codec, so a block counts as all that it may be: the links of a folder or
    file lead on, and so does every digest that a JSON document writes. What the store lacks leads
    nowhere.

    Args:
        store: where the blocks lie.
        digests: to begin with; what is no block's digest is passed over.
        passed: digests that are followed neither from the start nor from a document.
    """
    found: set[bytes] = set()
    todo = [(digest, True) for digest in digests]
    while todo:
        digest, named = todo.pop()
        if digest in found or (named and digest in passed) or not store.has_block(_raw(digest)):
            continue
        found.add(digest)
        try:
            block = store.get_block(_raw(digest))
        except StorageError:
            continue  # damaged: kept as it is, to be healed
        if named:
            todo += [(word, True) for word in _words(block)]
        for link in _links(block):
            if link.codec == DAG_PB:
                todo.append((link.digest, False))
            else:
                found.add(link.digest)
    return found


def _raw(digest: bytes) -> Cid:
    return Cid(RAW, digest)


def _links(block: bytes) -> list[Cid]:
    try:
        return [link.cid for link in decode_node(block).links]
    except BlobCorrupted:
        return []


def _words(block: bytes) -> Iterator[bytes]:
    """Yields every digest that a document writes."""
    if block[:1] != b"{":
        return
    try:
        json.loads(block)
    except (ValueError, RecursionError):
        return
    for match in _WORD.finditer(block.decode("utf-8", errors="replace")):
        yield bytes.fromhex(match[1])
