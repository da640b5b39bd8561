"""Many hashes at once are those that hashlib gives one by one."""

from __future__ import annotations

from hashlib import sha256

import numpy as np
import pytest

from trainer.kernels.hashing import Hashed, hash_pieces, hash_pieces_by_hashlib

BYTES = bytes(range(256)) * 5


@pytest.mark.parametrize("hashed", [hash_pieces, hash_pieces_by_hashlib])
@pytest.mark.parametrize("width", [1, 64, 512, 1_280, 5_000])
def test_each_piece_is_hashed_behind_the_prefix(hashed: object, width: int) -> None:
    assert callable(hashed)
    expected = [
        sha256(b"\x07" + BYTES[at : at + width]).digest() for at in range(0, len(BYTES), width)
    ]
    for data in (BYTES, memoryview(BYTES)):
        assert hashed(7, data, width) == b"".join(expected)


@pytest.mark.parametrize("hashed", [hash_pieces, hash_pieces_by_hashlib])
@pytest.mark.parametrize("width", [2_047, 2_048, 2_049, 4_096])
@pytest.mark.parametrize("rest", [0, 1, 2_050])
def test_pieces_about_as_wide_as_the_compiled_loop_takes_are_hashed_right(
    hashed: object, width: int, rest: int
) -> None:
    assert callable(hashed)
    data = (bytes(range(251)) * 70)[: 3 * width + rest]
    pieces = [data[at : at + width] for at in range(0, len(data), width)]
    expected = b"".join(sha256(b"\x01" + piece).digest() for piece in pieces)
    assert hashed(1, data, width) == expected


@pytest.mark.parametrize("hashed", [hash_pieces, hash_pieces_by_hashlib])
@pytest.mark.parametrize("width", [2_048, 2_056, 4_096])
def test_wide_pieces_of_integers_are_hashed_as_big_endian_ones(hashed: object, width: int) -> None:
    assert callable(hashed)
    values = np.arange(-1_500, 1_500, dtype="<i8")
    data = values.astype(">i8").tobytes()
    pieces = [data[at : at + width] for at in range(0, len(data), width)]
    expected = b"".join(sha256(b"\x02" + piece).digest() for piece in pieces)
    assert hashed(2, values, width) == expected


@pytest.mark.parametrize("hashed", [hash_pieces, hash_pieces_by_hashlib])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("size", [1, 2, 4, 8])
def test_integers_are_hashed_as_big_endian_ones(hashed: object, order: str, size: int) -> None:
    assert callable(hashed)
    values = np.arange(-700, 700).astype(f"{order}i{size}")
    big: Hashed = values.astype(f">i{size}").tobytes()
    expected = hash_pieces_by_hashlib(0, big, 256 * size)
    assert hashed(0, values, 256 * size) == expected
    assert hashed(0, np.repeat(values, 2)[::2], 256 * size) == expected
