"""Reading files and folders out of a store, block by block, with limits before allocation (T-26).

A root says how large its file is, and every node below is held to what the one above said of it:
so a file that claims less than the caller's limit cannot unfold to more, however its blocks are
linked. Empty children are refused, since a tree of them would cost time without end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from registry.errors import BlobCorrupted, StorageError
from registry.storage.base import Store
from registry.storage.cid import RAW, Cid
from registry.storage.unixfs import read_directory, read_file_node

__all__ = [
    "DEFAULT_LIMIT",
    "FolderEntry",
    "Piece",
    "list_directory",
    "open_stream",
    "piece_contents",
    "pieces",
    "read_bytes",
]

DEFAULT_LIMIT = 1 << 40
_DEEPEST = 12


@dataclass(frozen=True)
class FolderEntry:
    """A directory's entry; `size` is what its link says of all the bytes below it."""

    name: str
    cid: Cid
    size: int


@dataclass(frozen=True)
class Piece:
    """A stretch of a file: a raw block still to be fetched, or bytes that a node held itself."""

    cid: Cid
    size: int | None
    data: bytes | None = None


def list_directory(store: Store, cid: Cid) -> tuple[FolderEntry, ...]:
    """Returns a directory's entries as they are linked.

    Raises:
        StorageError: it is a file; BlobNotFound, BlobCorrupted or StoreUnavailable as always.
    """
    links = None if cid.codec == RAW else read_directory(store.get_block(cid))
    if links is None:
        raise StorageError(f"expected a directory, got the file {cid}")
    return tuple(FolderEntry(link.name, link.cid, link.tsize) for link in links)


def pieces(store: Store, cid: Cid, limit: int = DEFAULT_LIMIT) -> Iterator[Piece]:
    """Yields a file's pieces in order; inner nodes are fetched on the way, raw blocks are not.

    Raises:
        StorageError: the file says that it is longer than `limit` bytes.
        BlobCorrupted: nodes that are malformed or contradict one another.
    """
    if cid.codec == RAW:
        yield Piece(cid, None)
        return
    root = read_file_node(store.get_block(cid))
    if root.size > limit:
        raise StorageError(f"{cid}: expected at most {limit} bytes, the file says {root.size}")
    yield from _below(store, cid, None, 0)


def _below(store: Store, cid: Cid, expected: int | None, depth: int) -> Iterator[Piece]:
    if depth > _DEEPEST:
        raise BlobCorrupted(f"UnixFS: a file's tree is deeper than {_DEEPEST} levels")
    node = read_file_node(store.get_block(cid))
    if expected is not None and node.size != expected:
        raise BlobCorrupted(f"{cid}: its parent says {expected} bytes, it says {node.size}")
    if node.data:
        yield Piece(cid, len(node.data), node.data)
    for child, size in node.children:
        if size == 0:
            raise BlobCorrupted(f"{cid}: an empty part in a file's tree")
        if child.codec == RAW:
            yield Piece(child, size)
        else:
            yield from _below(store, child, size, depth + 1)


def piece_contents(store: Store, wanted: Iterable[Piece]) -> Iterator[bytes]:
    """Yields the bytes of pieces in order, fetching some ahead if the store gains by it.

    Raises:
        BlobCorrupted: a block of another size than its parent says.
    """
    if store.parallelism == 1:
        for piece in wanted:
            yield _content(store, piece)
        return
    flying: deque[Future[bytes]] = deque()
    pool = ThreadPoolExecutor(store.parallelism)
    try:
        for piece in wanted:
            flying.append(pool.submit(_content, store, piece))
            if len(flying) >= 2 * store.parallelism:
                yield flying.popleft().result()
        while flying:
            yield flying.popleft().result()
    finally:
        pool.shutdown(cancel_futures=True)


def _content(store: Store, piece: Piece) -> bytes:
    if piece.data is not None:
        return piece.data
    data = store.get_block(piece.cid)
    if piece.size is not None and len(data) != piece.size:
        raise BlobCorrupted(f"{piece.cid}: its parent says {piece.size} bytes, it has {len(data)}")
    return data


def open_stream(store: Store, cid: Cid, limit: int = DEFAULT_LIMIT) -> Iterator[bytes]:
    """Yields a file's content in order; each piece was checked against its CID.

    Raises:
        StorageError: a directory's CID, or a file of more than `limit` bytes.
        BlobNotFound, BlobCorrupted, StoreUnavailable: as `Store.get_block`.
    """
    got = 0
    for content in piece_contents(store, pieces(store, cid, limit)):
        got += len(content)
        if got > limit:  # only a raw root, whose size no node announces
            raise StorageError(f"{cid}: expected at most {limit} bytes, got {got}")
        yield content


def read_bytes(store: Store, cid: Cid, limit: int) -> bytes:
    """Returns a file's content of at most `limit` bytes.

    Raises:
        StorageError: it is longer; refused before it is fetched.
    """
    return b"".join(open_stream(store, cid, limit))
