"""A packed vector's root and its chunks' proofs: L-4 with the width of its values."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from registry.errors import AggregationError
from trainer.privacy.masked_roots import PackedVector
from trainer.privacy.packing import pack
from trainer.vectors.vector_roots import chunk_count, vector_root, verify_packed


def packed_vector(length: int, width: int) -> PackedVector:
    """Values over the whole range of the width."""
    values = np.random.default_rng(length).integers(0, 2**64, length, np.uint64)
    return PackedVector(pack(values, width), length, width)


def tree_hash(chunks: list[bytes]) -> bytes:
    """RFC 6962, as it is written: the largest power of two to the left."""
    if len(chunks) == 1:
        return sha256(b"\x00" + chunks[0]).digest()
    left = 1
    while 2 * left < len(chunks):
        left *= 2
    return sha256(b"\x01" + tree_hash(chunks[:left]) + tree_hash(chunks[left:])).digest()


@pytest.mark.parametrize("width", [1, 9, 21, 34, 63])
@pytest.mark.parametrize("length", [1, 255, 256, 257, 1_793, (1 << 18) + 257])
def test_the_root_is_that_of_the_chunks_with_width_and_length(width: int, length: int) -> None:
    vector = packed_vector(length, width)
    data = vector.packed.tobytes()
    chunks = [data[at : at + 32 * width] for at in range(0, len(data), 32 * width)]
    head = b"\x02" + bytes([width]) + length.to_bytes(8, "big")
    assert vector.root() == sha256(head + tree_hash(chunks)).digest()
    last = chunk_count(length) - 1
    for index in {0, last // 2, last}:
        assert vector.chunk(index) == chunks[index]
        assert verify_packed(
            vector.root(), width, length, index, chunks[index], vector.proof(index)
        )


@pytest.mark.parametrize("width", [8, 16, 32, 64])
def test_values_of_whole_bytes_have_the_root_of_a_plain_vector(width: int) -> None:
    values = np.arange(-300, 300).astype(f"i{width // 8}")
    packed = PackedVector(pack(values, width), 600, width)
    assert packed.root() == vector_root(values, width)


def test_a_chunk_proves_nothing_of_another_width_length_or_place() -> None:
    vector = packed_vector(1_793, 21)
    root, chunk, proof = vector.root(), vector.chunk(3), vector.proof(3)
    assert verify_packed(root, 21, 1_793, 3, chunk, proof)
    assert not verify_packed(root, 22, 1_793, 3, chunk, proof)
    assert not verify_packed(root, 21, 1_794, 3, chunk, proof)
    assert not verify_packed(root, 21, 1_793, 2, chunk, proof)
    assert not verify_packed(root, 21, 1_793, 3, bytes([chunk[0] ^ 1]) + chunk[1:], proof)
    assert not verify_packed(root, 21, 1_793, 3, chunk[:-1], proof)
    assert not verify_packed(root, 0, 1_793, 3, chunk, proof)
    assert not verify_packed(root, 65, 1_793, 3, chunk, proof)


def test_a_chunk_that_is_not_there_is_refused() -> None:
    for asked in (packed_vector(300, 21).chunk, packed_vector(300, 21).proof):
        for index in (-1, 2):
            with pytest.raises(AggregationError, match=f"chunk from 0 to 1, got {index}"):
                asked(index)


def test_bytes_that_are_not_so_many_values_are_no_vector() -> None:
    with pytest.raises(AggregationError, match="expected 14 bytes for 5 values of 21 bits"):
        PackedVector(np.zeros(13, np.uint8), 5, 21)
    with pytest.raises(AggregationError, match="expected the last 7 bits"):
        PackedVector(np.ones(14, np.uint8), 5, 21)
