"""Arrays that nodes send: read as numpy would, or refused before anything is allocated."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from flower_grid import npy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from registry.errors import ConfigError
from trainer.flower.numpy_arrays import array_of

TYPES = ["<f4", "<f8", "<f2", "<i2", "<i4", "|i1", "|u1", "|b1", "<c8"]


def stored(array: np.ndarray, version: tuple[int, int] = (1, 0)) -> bytes:
    """An array's bytes, as numpy writes them."""
    file = BytesIO()
    np.lib.format.write_array(file, array, version)
    return file.getvalue()


@given(
    st.sampled_from(TYPES).flatmap(lambda kind: arrays(kind, array_shapes(min_dims=0, min_side=0))),
    st.sampled_from([(1, 0), (2, 0)]),
    st.sampled_from("CF"),
)
def test_an_array_comes_back_as_numpy_wrote_it(array: Any, version: Any, order: Any) -> None:
    data = stored(np.asarray(array, order=order), version)
    found = array_of(data)
    assert (found.dtype, found.shape) == (array.dtype, array.shape)
    assert found.tobytes() == array.tobytes()
    assert found.flags.writeable
    for other in (data + b"\0", data[:-1]):
        with pytest.raises(ConfigError):
            array_of(other)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x93NUMPY",
        b"\x80\x04.",
        b"PK\x03\x04" + bytes(100),
        stored(np.ones(3), (3, 0)),
        npy("(100000000000000,)"),
        npy(f"({2**62},)"),
        npy(f"({10**30},)"),
        npy(f"(0, {10**30})"),
        npy("(-1,)"),
        npy("(-1, -4)", values=bytes(8)),
        npy("(" + "1, " * 17 + ")", values=bytes(2)),
        npy(f"({10**14},)", "|V0"),
        npy("(1,)", "|V2", bytes(2)),
        npy("(1,)", "|O", bytes(8)),
        npy("(1,)", "<U1", bytes(4)),
        npy("(1,)", "<M8[s]", bytes(8)),
        npy("(1L,)", values=bytes(2)),
        npy(text="-" * 1_000 + "1"),
        npy(text="-" * 5_000 + "1"),
        npy(text="(" * 900),
        npy(text="(" * 5_000),
        npy(text="[" * 500 + "]" * 500),
        npy(text="{1: 2}"),
        npy(text='"""'),
        npy(text="\0"),
        npy(text="1is 2"),
        b"\x93NUMPY\x02\x00\xff\xff\xff\xff{",
    ],
)
def test_t26_what_could_stop_a_server_is_refused_with_one_line(data: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(ConfigError, match=r"^expected") as refused:
            array_of(data)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_a_byte_that_is_neither_true_nor_false_is_true() -> None:
    found = array_of(npy("(3,)", "|b1", bytes([0, 1, 7])))
    assert found.tobytes() == bytes([0, 1, 1])
