"""UnixFS as `ipfs add -r --cid-version=1` builds it (C-1): files, directories and their CIDs.

A file is cut into chunks of 262,144 bytes; each is a raw block. Up to 174 blocks hang under one
dag-pb node, up to 174 such nodes under one above, and so on until one is left. A file of one chunk
is that raw block. A directory is a dag-pb node whose links are sorted by the bytes of their names.

Building streams: a file of any size takes one chunk and 174 links per level of memory.

Limits, stated rather than worked around: a directory whose names and CIDs reach 262,144 bytes
would be sharded by Kubo, so it is refused here; hidden names (a leading dot) are no part of a
version, as `ipfs add -r` leaves them out too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from registry.errors import BlobCorrupted, ConfigError
from registry.model_files.names import check_name
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.dag_pb import (
    DIRECTORY,
    FILE,
    RAW_LEAF,
    Link,
    UnixFsData,
    decode_node,
    decode_unixfs,
    encode_node,
    encode_unixfs,
)

__all__ = [
    "CHUNK_BYTES",
    "LINKS_PER_NODE",
    "FileNode",
    "Part",
    "build_directory",
    "build_file",
    "read_directory",
    "read_file_node",
]

CHUNK_BYTES = 262_144
LINKS_PER_NODE = 174
_LARGEST_DIRECTORY = 262_144

Sink = Callable[[Cid, bytes], None]


class Readable(Protocol):
    """What a file is built of: `read` gives at most so many bytes, and none at the end."""

    def read(self, count: int, /) -> bytes:
        """Returns the next bytes."""


@dataclass(frozen=True)
class Part:
    """A piece of a file: the root of its blocks, its content's size, and all bytes below."""

    cid: Cid
    size: int
    tsize: int


@dataclass
class _Levels:
    """The links not yet under a node, by height; full levels become nodes at once."""

    sink: Sink
    version: int
    pending: list[list[Part]] = field(default_factory=list)

    def add(self, height: int, part: Part) -> None:
        if height == len(self.pending):
            self.pending.append([])
        level = self.pending[height]
        level.append(part)
        if len(level) == LINKS_PER_NODE:
            self.close(height)

    def close(self, height: int) -> None:
        parts, self.pending[height] = self.pending[height], []
        sizes = tuple(part.size for part in parts)
        data = encode_unixfs(UnixFsData(FILE, b"", sum(sizes), sizes))
        block = encode_node([Link(part.cid, "", part.tsize) for part in parts], data, self.version)
        cid = Cid.of(block, DAG_PB)
        self.sink(cid, block)
        tsize = len(block) + sum(part.tsize for part in parts)
        self.add(height + 1, Part(cid, sum(sizes), tsize))

    def root(self) -> Part:
        height = 0
        while height < len(self.pending) - 1 or len(self.pending[height]) > 1:
            if self.pending[height]:
                self.close(height)
            height += 1
        return self.pending[height][0]


def build_file(stream: Readable, sink: Sink, *, version: int = 1) -> Part:
    """Builds a file's blocks, gives each to `sink` (leaves first, the root last) and returns it.

    Args:
        stream: read to its end.
        sink: takes each block and its CID; it may keep or send it.
        version: 1 (C-1), or 0 for what `ipfs add` builds by default: leaves wrapped in dag-pb,
            links of version 0.
    """
    levels = _Levels(sink, version)
    count = 0
    while (chunk := _read_full(stream)) or count == 0:
        cid, block = _leaf(chunk, version)
        sink(cid, block)
        levels.add(0, Part(cid, len(chunk), len(block)))
        count += 1
        if len(chunk) < CHUNK_BYTES:
            break
    return levels.root()


def _leaf(chunk: bytes, version: int) -> tuple[Cid, bytes]:
    if version == 1:
        return Cid.of(chunk, RAW), chunk
    block = encode_node((), encode_unixfs(UnixFsData(FILE, chunk, len(chunk))))
    return Cid.of(block, DAG_PB), block


def _read_full(stream: Readable) -> bytes:
    """Reads one chunk; a pipe may give it in pieces."""
    chunk = stream.read(CHUNK_BYTES)
    while 0 < len(chunk) < CHUNK_BYTES:
        more = stream.read(CHUNK_BYTES - len(chunk))
        if not more:
            break
        chunk += more
    return chunk


def build_directory(entries: Iterable[tuple[str, Part]], sink: Sink) -> Part:
    """Builds a directory's block, gives it to `sink` and returns it.

    Args:
        entries: names and what they name.
        sink: takes the block.

    Raises:
        ConfigError: a bad or repeated name, or a directory that Kubo would shard.
    """
    checked = list(entries)
    for name, _ in checked:
        check_name(name)
    ordered = sorted(((name.encode(), name, part) for name, part in checked), key=lambda e: e[0])
    weight = 0
    for position, (raw, name, _) in enumerate(ordered):
        if position and ordered[position - 1][0] == raw:
            raise ConfigError(f"expected each name once in a directory, got {name!r} twice")
        weight += len(raw) + 36
    if weight >= _LARGEST_DIRECTORY:
        raise ConfigError(
            f"a directory of {len(ordered)} entries would be sharded; "
            "expected about 5,000 at most: use subfolders"
        )
    links = [Link(part.cid, name, part.tsize) for _, name, part in ordered]
    block = encode_node(links, encode_unixfs(UnixFsData(DIRECTORY)))
    cid = Cid.of(block, DAG_PB)
    sink(cid, block)
    return Part(cid, 0, len(block) + sum(link.tsize for link in links))


def read_directory(block: bytes) -> tuple[Link, ...] | None:
    """Returns a directory's links, or None if the block is a file's node.

    Raises:
        BlobCorrupted: malformed, or with a name that is refused or stands twice (T-26).
    """
    node = decode_node(block)
    value = decode_unixfs(node.data)
    if value.kind != DIRECTORY:
        return None
    names: set[str] = set()
    for link in node.links:
        try:
            check_name(link.name)
        except ConfigError as error:
            raise BlobCorrupted(f"a directory with a dangerous name: {error}") from error
        if link.name in names:
            raise BlobCorrupted(f"a directory that holds {link.name!r} twice")
        names.add(link.name)
    return node.links


@dataclass(frozen=True)
class FileNode:
    """A file's node: bytes of its own, then children with the sizes they must have."""

    data: bytes
    children: tuple[tuple[Cid, int], ...]
    size: int


def read_file_node(block: bytes) -> FileNode:
    """Returns a file's node.

    Raises:
        BlobCorrupted: malformed, a directory, or sizes that contradict one another.
    """
    node = decode_node(block)
    value = decode_unixfs(node.data)
    if value.kind not in (FILE, RAW_LEAF):
        raise BlobCorrupted("expected a file, got a directory")
    if len(node.links) != len(value.block_sizes):
        raise BlobCorrupted(
            f"UnixFS: {len(node.links)} links but {len(value.block_sizes)} sizes in a file's node"
        )
    size = len(value.data) + sum(value.block_sizes)
    if value.file_size is not None and value.file_size != size:
        raise BlobCorrupted(f"UnixFS: a file says {value.file_size} bytes, its parts {size}")
    cids = (link.cid for link in node.links)
    return FileNode(value.data, tuple(zip(cids, value.block_sizes, strict=True)), size)
