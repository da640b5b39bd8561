"""The root of a vector, and proofs of its chunks (L-4).

Source: RFC 6962 section 2.1 for the tree. Values are written as big-endian two's complement and
cut into chunks of 256; a leaf, an inner node and the outer root begin with 0, 1 and 2, so that
none can be passed off as another.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

from registry.errors import AggregationError
from trainer.kernels import hash_pieces, shared
from trainer.types import IntVector

__all__ = [
    "CHUNK",
    "Read",
    "chunk_bytes",
    "chunk_count",
    "chunk_proof",
    "proof_of",
    "root_of",
    "vector_root",
    "verify_chunk",
    "verify_packed",
]

Read = Callable[[int, int], bytes | memoryview | IntVector]
"""Gives a vector's values from one to before another: as bytes, big-endian, or as integers."""
CHUNK = 256
# A block of so many chunks is hashed at once; a power of two, so that blocks are whole subtrees.
_BLOCK = 1 << 10
_NODE = 32
_WIDTHS = (8, 16, 32, 64)


def chunk_count(length: int) -> int:
    """Returns the number of chunks of a vector of `length` values."""
    return -(-length // CHUNK)


def chunk_bytes(vector: IntVector, bits: int, index: int) -> bytes:
    """Returns a chunk's bytes: up to 256 values, big-endian.

    Raises:
        AggregationError: there is no such chunk, or the values don't fit `bits`.
    """
    _check(vector, bits)
    if not 0 <= index < chunk_count(vector.size):
        raise AggregationError(
            f"expected a chunk from 0 to {chunk_count(vector.size) - 1}, got {index}"
        )
    return vector[index * CHUNK : (index + 1) * CHUNK].astype(f">i{bits // 8}").tobytes()


def vector_root(vector: IntVector, bits: int) -> bytes:
    """Returns the root of a vector, 32 bytes.

    Args:
        vector: shape (n,), n ≥ 1, integers that fit `bits`.
        bits: 8, 16 or 32; 64 for numerators (F-2).

    Raises:
        AggregationError: an empty vector, or a type wider than `bits`.
    """
    return root_of(_reader(vector, bits), vector.size, bits)


def root_of(read: Read, length: int, bits: int) -> bytes:
    """Returns the root of a vector that is read in blocks of 2^18 values, 32 bytes.

    Args:
        read: gives its bytes.
        length: how many values it has, at least 1.
        bits: their width.
    """
    tree_root, _ = _climb(b"".join(_block_roots(read, length, bits)), 0)
    return _outer(tree_root, bits, length)


def chunk_proof(vector: IntVector, bits: int, index: int) -> list[bytes]:
    """Returns the siblings of a chunk's leaf, from the leaf up.

    Raises:
        AggregationError: there is no such chunk.
    """
    chunk_bytes(vector, bits, index)
    return proof_of(_reader(vector, bits), vector.size, bits, index)


def proof_of(read: Read, length: int, bits: int, index: int) -> list[bytes]:
    """Returns the siblings of a chunk's leaf in a vector that is read in blocks of 2^18 values.

    Args:
        read: gives its bytes.
        length: how many values it has, at least 1.
        bits: their width.
        index: of a chunk that it has.
    """
    block = index // _BLOCK
    _, inside = _climb(_leaves(read, length, bits, block), index % _BLOCK)
    _, above = _climb(b"".join(_block_roots(read, length, bits)), block)
    return inside + above


def verify_chunk(
    root: bytes, bits: int, length: int, index: int, chunk: bytes, proof: Sequence[bytes]
) -> bool:
    """Tells whether a chunk stands at `index` in the vector of that root, width and length.

    Values of 8, 16, 32 or 64 bits; others stand in no vector but a packed one.
    """
    return bits in _WIDTHS and verify_packed(root, bits, length, index, chunk, proof)


def verify_packed(
    root: bytes, bits: int, length: int, index: int, chunk: bytes, proof: Sequence[bytes]
) -> bool:
    """Tells the same of values of any width from 1 to 64 bits, packed one after another (H-5)."""
    count = chunk_count(length)
    if not 1 <= bits <= 64 or length < 1 or not 0 <= index < count:
        return False
    used = min(CHUNK, length - index * CHUNK) * bits
    if len(chunk) != (used + 7) // 8 or any(len(node) != _NODE for node in proof):
        return False
    # A root can be made over chunks with anything behind their values: those are no vector's.
    if chunk[-1] & ((1 << (-used % 8)) - 1):
        return False
    node, at, rest = sha256(b"\x00" + chunk).digest(), index, list(reversed(proof))
    while count > 1:
        # Without a neighbour a node moves up as it is, and the proof has nothing for that level.
        if at ^ 1 < count:
            if not rest:
                return False
            sibling = rest.pop()
            pair = sibling + node if at & 1 else node + sibling
            node = sha256(b"\x01" + pair).digest()
        at, count = at >> 1, (count + 1) >> 1
    return not rest and _outer(node, bits, length) == root


def _check(vector: IntVector, bits: int) -> None:
    if bits not in _WIDTHS:
        raise AggregationError(f"expected 8, 16, 32 or 64 bits, got {bits}")
    if vector.ndim != 1 or vector.size == 0:
        raise AggregationError(f"expected a vector with a value, got the shape {vector.shape}")
    if vector.dtype.kind != "i" or vector.dtype.itemsize * 8 > bits:
        raise AggregationError(f"expected integers of at most {bits} bits, got {vector.dtype}")


def _reader(vector: IntVector, bits: int) -> Read:
    _check(vector, bits)

    def read(start: int, stop: int) -> IntVector:
        part: IntVector = vector[start:stop]
        return part if part.dtype.itemsize * 8 == bits else part.astype(f">i{bits // 8}")

    return read


def _block_roots(read: Read, length: int, bits: int) -> list[bytes]:
    """Returns the roots of the subtrees over blocks: memory holds a block's leaves per thread."""

    def root(block: int) -> bytes:
        return _climb(_leaves(read, length, bits, block), 0)[0]

    return shared(root, range(-(-chunk_count(length) // _BLOCK)))


def _leaves(read: Read, length: int, bits: int, block: int) -> bytes:
    start = block * _BLOCK * CHUNK
    data = read(start, min(start + _BLOCK * CHUNK, length))
    return hash_pieces(0, data, CHUNK * bits // 8)


def _climb(level: bytes, index: int) -> tuple[bytes, list[bytes]]:
    """Returns the root over nodes, and the siblings on the way up from one of them."""
    proof = []
    while (count := len(level) // _NODE) > 1:
        sibling = index ^ 1
        # The last node of an odd level has no sibling: it moves up as it is.
        if sibling < count:
            proof.append(level[sibling * _NODE : (sibling + 1) * _NODE])
        level, index = _above(level, count), index >> 1
    return level, proof


def _above(level: bytes, count: int) -> bytes:
    # Pairing neighbours and carrying the odd one up gives RFC 6962's tree.
    paired = count // 2 * 2 * _NODE
    return hash_pieces(1, memoryview(level)[:paired], 2 * _NODE) + level[paired:]


def _outer(tree_root: bytes, bits: int, length: int) -> bytes:
    # Width and length are hashed along: the same bytes, cut otherwise, are another vector.
    return sha256(b"\x02" + bytes([bits]) + length.to_bytes(8, "big") + tree_root).digest()
