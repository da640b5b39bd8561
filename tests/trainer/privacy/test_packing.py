"""Packed values of any width, and what isn't so many of them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.privacy.packing import SLICE, centred, check_packed, pack, packed_bytes, unpack


def by_text(values: list[int], width: int) -> bytes:
    """The same bytes from digits: most significant bit first, zeros behind the last value."""
    digits = "".join(format(value & ((1 << width) - 1), f"0{width}b") for value in values)
    digits += "0" * (-len(digits) % 8)
    return bytes(int(digits[at : at + 8], 2) for at in range(0, len(digits), 8))


@given(st.integers(1, 64), st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=40))
def test_values_are_written_bit_by_bit_and_read_back(width: int, values: list[int]) -> None:
    given_values = np.array(values, np.int64)
    packed = pack(given_values, width)
    assert packed.tobytes() == by_text(values, width)
    residues = unpack(packed, len(values), width)
    assert residues.tolist() == [value % (1 << width) for value in values]
    half = 1 << (width - 1)
    assert centred(residues, width).tolist() == [(v + half) % (2 * half) - half for v in values]


@pytest.mark.parametrize("width", [9, 21, 32, 34, 64])
@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64, np.uint64])
def test_vectors_of_several_slices_come_back_as_their_residues(
    width: int, dtype: type[np.integer[np._typing._64Bit]]
) -> None:
    bounds, length = np.iinfo(dtype), 2 * SLICE + 259
    drawn = np.random.default_rng(width).integers(bounds.min, bounds.max, length, dtype)
    packed = pack(drawn, width)
    assert packed.size == packed_bytes(length, width)
    ones = np.uint64((1 << width) - 1)
    assert np.array_equal(unpack(packed, length, width), drawn.astype(np.uint64) & ones)
    assert np.array_equal(pack(np.repeat(drawn, 2)[::2], width), packed)


def test_a_strided_packed_vector_is_read_as_it_is() -> None:
    packed = pack(np.arange(1_000), 21)
    assert unpack(np.repeat(packed, 2)[::2], 1_000, 21).tolist() == list(range(1_000))


@pytest.mark.parametrize("off", [-1, 1])
def test_another_number_of_bytes_is_refused_with_both(off: int) -> None:
    with pytest.raises(AggregationError, match="expected 132 bytes for 50 values of 21 bits"):
        unpack(np.zeros(132 + off, np.uint8), 50, 21)


@pytest.mark.parametrize("bit", range(6))
def test_a_bit_behind_the_last_value_is_refused(bit: int) -> None:
    packed = np.full(132, 255, np.uint8)
    packed[-1] = 0b11000000
    check_packed(packed, 50, 21)
    packed[-1] |= 1 << bit
    with pytest.raises(AggregationError, match="expected the last 6 bits of 50 values"):
        check_packed(packed, 50, 21)


@pytest.mark.parametrize("width", [0, 65, -1])
def test_a_width_beyond_64_bits_is_refused(width: int) -> None:
    for refused in (
        lambda: pack(np.zeros(3, np.int64), width),
        lambda: centred(np.zeros(3, np.uint64), width),
        lambda: packed_bytes(3, width),
    ):
        with pytest.raises(AggregationError, match=f"1 to 64 bits, got {width}"):
            refused()


@pytest.mark.parametrize("values", [np.zeros(3), np.zeros((2, 2), np.int8), np.array([True])])
def test_what_is_no_vector_of_integers_is_refused(values: np.ndarray) -> None:
    with pytest.raises(AggregationError, match="expected a vector of integers"):
        pack(values, 8)


def test_a_vector_without_a_value_is_refused() -> None:
    with pytest.raises(AggregationError, match="at least one value, got 0"):
        pack(np.zeros(0, np.int8), 8)
