"""CAR files: a tree of blocks in one file, for carrying it where no node reaches.

Source: the CARv1 specification. A header (a length, then DAG-CBOR `{"roots":[cid],"version":1}`),
then for each block a length, its CID and its bytes. Export streams in the tree's order, so that a
reader meets every node before what is below it; import checks every block as it comes (C-4) and
takes no length on trust (T-26).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from registry.errors import BlobCorrupted, ConfigError
from registry.model_files.local_files import local_files
from registry.storage.base import MAX_BLOCK_BYTES, Store, missing_blocks
from registry.storage.cid import DAG_PB, Cid
from registry.storage.dag_pb import decode_node
from registry.storage.place_lock import beside

__all__ = ["export_car", "import_car"]

_LARGEST_SECTION = 2 * MAX_BLOCK_BYTES
_LONGEST_CID = 36
# {"roots": [tag 42: n + 1 bytes: 0x00 ‖ cid of n bytes], "version": 1}
_HEADER_END = b"\x67version\x01"
_ONE_ROOT = b"\xa2\x65roots\x81\xd8\x2a\x58"
_HEADER_START = _ONE_ROOT + b"\x25\x00"
_HEADER_START_V0 = _ONE_ROOT + b"\x23\x00"
_LARGEST_HEADER = len(_HEADER_START) + _LONGEST_CID + len(_HEADER_END)


def export_car(store: Store, root: Cid, path: Path) -> int:
    """Writes all blocks below `root`, each once, to a CAR file; returns their number.

    Raises:
        BlobNotFound, BlobCorrupted, StoreUnavailable: as `Store.get_block`.
        ConfigError: the file can't be written.
    """
    part = beside(path, "part")
    count = 0
    try:
        with local_files(path), part.open("wb") as file:
            header = _HEADER_START + root.to_bytes() + _HEADER_END
            file.write(_varint(len(header)) + header)
            for cid, block in _walk(store, root):
                name = cid.to_bytes()
                file.write(_varint(len(name) + len(block)) + name)
                file.write(block)
                count += 1
        with local_files(path):
            part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return count


def _walk(store: Store, root: Cid) -> Iterator[tuple[Cid, bytes]]:
    seen: set[Cid] = set()
    todo = [root]
    while todo:
        cid = todo.pop()
        if cid in seen:
            continue
        seen.add(cid)
        block = store.get_block(cid)
        yield cid, block
        if cid.codec == DAG_PB:
            todo.extend(link.cid for link in reversed(decode_node(block).links))


def import_car(store: Store, path: Path, expected: Cid | None = None) -> Cid:
    """Puts a CAR file's blocks into a store and returns its root, whose tree is then complete.

    Args:
        store: where to.
        path: the file.
        expected: the root that the file must have; None: any.

    Raises:
        ConfigError: no file that can be read, not a CARv1 file with one root of ours (version 0
            or 1), or of another root than expected.
        BlobCorrupted: a block that is not what its CID says, too long or cut off, or a tree with
            a block missing. Blocks before it are in the store, under their right CIDs.
    """
    with local_files(path), path.open("rb") as file:
        root = _read_header(file, path)
        if expected is not None and root != expected:
            raise ConfigError(f"{path}: expected the root {expected}, got {root}")
        while (length := _read_varint(file)) is not None:
            if not 34 <= length <= _LARGEST_SECTION:
                raise BlobCorrupted(f"{path}: a section of {length} bytes")
            section = file.read(length)
            if len(section) != length:
                raise BlobCorrupted(f"{path}: cut off within a block; copy it again")
            _take(store, section, path)
    missing = missing_blocks(store, root)
    if missing:
        raise BlobCorrupted(f"{path}: {len(missing)} blocks below {root} are missing")
    return root


def _take(store: Store, section: bytes, path: Path) -> None:
    size = 34 if section[:2] == b"\x12\x20" else _LONGEST_CID
    try:
        cid = Cid.from_bytes(section[:size])
    except ConfigError as error:
        raise BlobCorrupted(f"{path}: a block under a CID of another kind ({error})") from error
    block = section[size:]
    if Cid.of(block, cid.codec) != cid:
        raise BlobCorrupted(f"{path}: a block that is not {cid}, as the file says it is")
    store.put_block(block, cid.codec)


def _read_header(file: BinaryIO, path: Path) -> Cid:
    length = _read_varint(file)
    header = file.read(length) if length is not None and length <= _LARGEST_HEADER else b""
    if len(header) == length and header.endswith(_HEADER_END):
        for start in (_HEADER_START, _HEADER_START_V0):
            if header.startswith(start):
                return Cid.from_bytes(header[len(start) : -len(_HEADER_END)])
    raise ConfigError(f"{path}: expected a CARv1 file with one root")


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(file: BinaryIO) -> int | None:
    """Returns the next length, or None at the file's end."""
    value = 0
    for shift in range(0, 35, 7):
        byte = file.read(1)
        if not byte:
            if shift:
                raise BlobCorrupted("a CAR file that is cut off within a length")
            return None
        value |= (byte[0] & 0x7F) << shift
        if byte[0] < 0x80:
            return value
    raise BlobCorrupted("a CAR file with a length beyond 2**35")
