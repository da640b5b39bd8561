"""The two protobuf messages of UnixFS, written and read by hand: dag-pb nodes and their data.

Sources: IPLD's dag-pb specification (links come before data) and UnixFS' `unixfs.proto`. Reading
comes before trust: every length is checked against what is left before anything is made of it
(T-26), unknown fields are refused, and varints end within ten bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from registry.errors import BlobCorrupted, ConfigError
from registry.storage.cid import Cid

__all__ = [
    "DIRECTORY",
    "FILE",
    "RAW_LEAF",
    "DagNode",
    "Link",
    "UnixFsData",
    "decode_node",
    "decode_unixfs",
    "encode_node",
    "encode_unixfs",
]

RAW_LEAF, DIRECTORY, FILE = 0, 1, 2
_MOST_LINKS = 16_384
_VARINT, _BYTES = 0, 2


@dataclass(frozen=True)
class Link:
    """A link to a block: its CID, its name in a directory, and all the bytes below it."""

    cid: Cid
    name: str
    tsize: int


@dataclass(frozen=True)
class DagNode:
    """A dag-pb node."""

    links: tuple[Link, ...]
    data: bytes


@dataclass(frozen=True)
class UnixFsData:
    """What a node says of the file or directory it stands for; sizes in bytes."""

    kind: int
    data: bytes = b""
    file_size: int | None = None
    block_sizes: tuple[int, ...] = ()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return bytes((number << 3 | _BYTES,)) + _varint(len(payload)) + payload


def encode_node(links: Sequence[Link], data: bytes, version: int = 1) -> bytes:
    """Returns a node's block; links in the order given, then the data.

    `version` is that of the CIDs in the links: a version-0 tree holds version-0 links.
    """
    parts = []
    for link in links:
        inner = _field(1, link.cid.to_bytes(version)) + _field(2, link.name.encode())
        parts.append(_field(2, inner + b"\x18" + _varint(link.tsize)))
    parts.append(_field(1, data))
    return b"".join(parts)


def encode_unixfs(value: UnixFsData) -> bytes:
    """Returns the UnixFS message that goes into a node's data."""
    parts = [b"\x08" + _varint(value.kind)]
    if value.data:
        parts.append(_field(2, value.data))
    if value.file_size is not None:
        parts.append(b"\x18" + _varint(value.file_size))
    parts.extend(b"\x20" + _varint(size) for size in value.block_sizes)
    return b"".join(parts)


def _read_varint(raw: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(raw):
            raise BlobCorrupted("dag-pb: a number is cut off")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            if value >= 1 << 64:
                break
            return value, at
    raise BlobCorrupted("dag-pb: expected a number below 2**64")


def _fields(raw: bytes) -> Iterator[tuple[int, int, int | bytes]]:
    """Yields (field number, wire type, value) of a message."""
    at = 0
    while at < len(raw):
        key, at = _read_varint(raw, at)
        number, wire = key >> 3, key & 7
        value, at = _read_varint(raw, at)
        if wire == _VARINT:
            yield number, wire, value
        elif wire == _BYTES:
            if value > len(raw) - at:
                raise BlobCorrupted(
                    f"dag-pb: a field claims {value} bytes, {len(raw) - at} are left"
                )
            yield number, wire, raw[at : at + value]
            at += value
        else:
            raise BlobCorrupted(f"dag-pb: unexpected wire type {wire}")


def decode_node(block: bytes) -> DagNode:
    """Returns the node of a block.

    Raises:
        BlobCorrupted: not a well-formed dag-pb node, or one of more than 16,384 links.
    """
    links: list[Link] = []
    data: bytes | None = None
    for number, _, value in _fields(block):
        if number == 2 and isinstance(value, bytes):
            if len(links) == _MOST_LINKS:
                raise BlobCorrupted(f"dag-pb: expected at most {_MOST_LINKS} links in a node")
            links.append(_decode_link(value))
        elif number == 1 and isinstance(value, bytes) and data is None:
            data = value
        else:
            raise BlobCorrupted(f"dag-pb: unexpected or repeated field {number} in a node")
    if data is None:
        raise BlobCorrupted("dag-pb: a node without data is no UnixFS node")
    return DagNode(tuple(links), data)


def _decode_link(raw: bytes) -> Link:
    cid: Cid | None = None
    name, tsize = "", 0
    seen: set[int] = set()
    for number, _, value in _fields(raw):
        if number in seen:
            raise BlobCorrupted(f"dag-pb: field {number} stands twice in a link")
        seen.add(number)
        try:
            if number == 1 and isinstance(value, bytes):
                cid = Cid.from_bytes(value)
            elif number == 2 and isinstance(value, bytes):
                name = value.decode("utf-8")
            elif number == 3 and isinstance(value, int):
                tsize = value
            else:
                raise BlobCorrupted(f"dag-pb: unexpected field {number} in a link")
        except (ConfigError, UnicodeDecodeError) as error:
            raise BlobCorrupted(f"dag-pb: a malformed link: {error}") from error
    if cid is None:
        raise BlobCorrupted("dag-pb: a link without a CID")
    return Link(cid, name, tsize)


def decode_unixfs(raw: bytes) -> UnixFsData:
    """Returns the UnixFS message in a node's data; mode and time are left out.

    Raises:
        BlobCorrupted: malformed, or a symbolic link or sharded directory, which are refused.
    """
    kind: int | None = None
    data = b""
    size: int | None = None
    sizes: list[int] = []
    for number, _, value in _fields(raw):
        if number == 1 and isinstance(value, int) and kind is None:
            kind = value
        elif number == 2 and isinstance(value, bytes):
            data = value
        elif number == 3 and isinstance(value, int):
            size = value
        elif number == 4 and isinstance(value, int):
            sizes.append(value)
        elif number not in (7, 8):
            raise BlobCorrupted(f"UnixFS: unexpected field {number}")
    if kind not in (RAW_LEAF, DIRECTORY, FILE):
        raise BlobCorrupted(
            f"UnixFS: expected a file or a plain directory, got type {kind} "
            "(symbolic links and sharded directories are refused)"
        )
    return UnixFsData(kind, data, size, tuple(sizes))
