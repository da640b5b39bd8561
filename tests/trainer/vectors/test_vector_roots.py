"""Vector roots and chunk proofs (L-4), against a recursive twin of RFC 6962."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.vectors.vector_roots import (
    CHUNK,
    chunk_bytes,
    chunk_count,
    chunk_proof,
    vector_root,
    verify_chunk,
)

LENGTHS = [1, 2, 255, 256, 257, 512, 513, 768, 1_025, 1_793, 2_304]


def tree_hash(chunks: list[bytes]) -> bytes:
    """RFC 6962, as it is written: the largest power of two to the left."""
    if len(chunks) == 1:
        return sha256(b"\x00" + chunks[0]).digest()
    left = 1
    while 2 * left < len(chunks):
        left *= 2
    return sha256(b"\x01" + tree_hash(chunks[:left]) + tree_hash(chunks[left:])).digest()


def root_of(values: list[int], bits: int) -> bytes:
    """L-4 from Python integers."""
    width = bits // 8
    chunks = [
        b"".join(value.to_bytes(width, "big", signed=True) for value in values[at : at + CHUNK])
        for at in range(0, len(values), CHUNK)
    ]
    head = b"\x02" + bytes([bits]) + len(values).to_bytes(8, "big")
    return sha256(head + tree_hash(chunks)).digest()


def vector_of(length: int, bits: int) -> np.ndarray:
    """Values over the whole range of the width."""
    generator = np.random.default_rng(length)
    return generator.integers(-(2 ** (bits - 1)), 2 ** (bits - 1), length).astype(f"int{bits}")


@pytest.mark.parametrize("bits", [8, 16, 32])
@pytest.mark.parametrize("length", LENGTHS)
def test_roots_are_those_of_the_twin(length: int, bits: int) -> None:
    vector = vector_of(length, bits)
    assert vector_root(vector, bits) == root_of(vector.tolist(), bits)


@pytest.mark.parametrize("length", [1 << 20, (1 << 20) + 1, (1 << 21) + 700])
def test_vectors_of_several_blocks_have_the_root_of_the_twin(length: int) -> None:
    vector = vector_of(length, 8)
    root = vector_root(vector, 8)
    assert root == root_of(vector.tolist(), 8)
    for index in (0, 4_095, chunk_count(length) - 1):
        proof = chunk_proof(vector, 8, index)
        assert verify_chunk(root, 8, length, index, chunk_bytes(vector, 8, index), proof)


@pytest.mark.parametrize("length", LENGTHS)
def test_every_chunk_proves_itself_and_no_other(length: int) -> None:
    vector = vector_of(length, 16)
    root = vector_root(vector, 16)
    for index in range(chunk_count(length)):
        chunk, proof = chunk_bytes(vector, 16, index), chunk_proof(vector, 16, index)
        assert verify_chunk(root, 16, length, index, chunk, proof)
        assert not verify_chunk(root, 16, length, index, chunk[:-1] + b"\xaa", proof)
        assert not verify_chunk(root, 16, length + 1, index, chunk, proof)
        assert not verify_chunk(root, 16, length, index + 1, chunk, proof)
        assert not verify_chunk(root, 16, length, index, chunk, [*proof, bytes(32)])
        assert not proof or not verify_chunk(root, 16, length, index, chunk, proof[:-1])


def test_a_vector_longer_than_one_reading_block_has_the_same_root() -> None:
    vector = vector_of(2_200_000, 16)
    chunks = [chunk_bytes(vector, 16, index) for index in range(chunk_count(vector.size))]
    head = b"\x02" + bytes([16]) + vector.size.to_bytes(8, "big")
    assert vector_root(vector, 16) == sha256(head + tree_hash(chunks)).digest()


def test_the_width_and_the_length_are_bound() -> None:
    narrow = np.array([1, 2], np.int8)
    assert vector_root(narrow, 8) != vector_root(narrow, 16)
    assert vector_root(np.zeros(256, np.int8), 8) != vector_root(np.zeros(255, np.int8), 8)


def test_strided_and_mapped_vectors_have_the_root_of_their_values() -> None:
    vector = vector_of(1_000, 16)
    doubled = np.repeat(vector, 2)[::2]
    assert vector_root(doubled, 16) == vector_root(vector, 16)


@given(st.integers(0, 300), st.binary(max_size=40), st.lists(st.binary(max_size=40), max_size=4))
def test_garbage_proves_nothing(index: int, chunk: bytes, proof: list[bytes]) -> None:
    assert not verify_chunk(vector_root(vector_of(600, 8), 8), 8, 600, index, chunk, proof)


@pytest.mark.parametrize(
    "vector", [np.array([], np.int8), np.zeros((2, 2), np.int8), np.array([1], np.int32)]
)
def test_what_is_no_vector_of_the_width_is_refused(vector: np.ndarray) -> None:
    with pytest.raises(AggregationError, match="expected"):
        vector_root(vector, 8)


def test_a_chunk_that_is_not_there_is_refused() -> None:
    with pytest.raises(AggregationError, match="chunk from 0 to 1"):
        chunk_proof(np.zeros(300, np.int8), 8, 2)
