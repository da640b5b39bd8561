"""Changes one byte of one stored update, as a careless or dishonest store might."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.storage import DAG_PB, RAW, Cid, list_directory
from registry.storage.base import Store
from registry.storage.flatfs import FlatFiles
from trainer.documents.update_folders import UPDATE_FILE

__all__ = ["one_byte_changed"]


@contextmanager
def one_byte_changed(store: Store, blocks: Path, update_digest: bytes) -> Iterator[str]:
    """Flips the last byte of an update's file on disk while the block lasts, then mends it.

    Args:
        store: to look the file's block up.
        blocks: the folder of block files.
        update_digest: of the update's folder.

    Yields:
        The CID of the block that was changed.
    """
    entries = list_directory(store, Cid(DAG_PB, update_digest))
    cid = next(entry.cid for entry in entries if entry.name == UPDATE_FILE)
    if cid.codec != RAW:  # a file of several blocks: its first one is enough
        cid = next(entry for entry in _leaves(store, cid))
    path = FlatFiles(blocks).path(cid)
    whole = path.read_bytes()
    path.chmod(0o600)
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    try:
        yield str(cid)
    finally:
        path.write_bytes(whole)


def _leaves(store: Store, cid: Cid) -> Iterator[Cid]:
    from registry.storage.dag_pb import decode_node

    for link in decode_node(store.get_block(cid)).links:
        if link.cid.codec == RAW:
            yield link.cid
        else:
            yield from _leaves(store, link.cid)
