"""The lattice: L-1 and L-2, and what it can't hold (T-27)."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ConfigError, UpdateRejected
from trainer.errors import Reason, UpdateRefused
from trainer.types import Lattice
from trainer.vectors.lattice import check_range, dequantize, quantize, squared_norm

lattices = st.builds(
    lambda bits, exponent, guard: Lattice(bits, exponent, min(guard, 32 - bits)),
    st.sampled_from([8, 16, 32]),
    st.integers(-60, 20),
    st.integers(0, 16),
)
deltas = st.lists(
    st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=40
).map(lambda values: np.array(values, np.float64))


@pytest.mark.parametrize(
    "fields",
    [(7, 0), (16, -61), (16, 21), (16, 0, 17), (32, 0, 1), (8, 0, 0, -1), (8, 0, 0, 2**64)],
)
def test_terms_outside_l_1_are_refused(fields: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="expected"):
        Lattice(*fields)


def test_halves_round_to_even() -> None:
    halves = np.array([0.5, 1.5, 2.5, -0.5, -1.5, -2.5])
    assert quantize(halves, Lattice(8, 0)).tolist() == [0, 2, 2, 0, -2, -2]


def test_values_saturate_at_the_symmetric_bound() -> None:
    wide = np.array([1e300, -1e300, 128.0, -128.0, 127.4])
    assert quantize(wide, Lattice(8, 0)).tolist() == [127, -127, 127, -127, 127]


@given(lattices, deltas)
def test_values_stay_in_the_symmetric_range(lattice: Lattice, delta: np.ndarray) -> None:
    vector = quantize(delta, lattice)
    assert vector.dtype == lattice.dtype
    assert int(np.abs(vector.astype(np.int64)).max()) <= lattice.largest
    check_range(vector, lattice)


@given(lattices, deltas)
def test_round_trip_is_within_half_a_step_unless_saturated(
    lattice: Lattice, delta: np.ndarray
) -> None:
    step = 2.0**lattice.step_exponent
    back = dequantize(quantize(delta, lattice), lattice)
    inside = np.abs(delta) <= lattice.largest * step
    assert (np.abs(back - delta)[inside] <= step / 2).all()


@given(lattices, deltas)
def test_what_was_on_the_lattice_comes_back_exactly(lattice: Lattice, delta: np.ndarray) -> None:
    vector = quantize(delta, lattice)
    assert (quantize(dequantize(vector, lattice), lattice) == vector).all()


@settings(max_examples=200)
@given(st.sampled_from([8, 16, 32]), st.integers(-20, 5), st.integers(1, 10_000), deltas)
def test_the_clip_bound_holds_for_the_integers(
    bits: int, exponent: int, clip: int, delta: np.ndarray
) -> None:
    lattice = Lattice(bits, exponent, 0, clip)
    vector = quantize(delta, lattice)
    assert sum(int(value) ** 2 for value in vector) <= clip**2
    check_range(vector, lattice)


def test_a_clip_norm_that_is_not_reached_truncates_only() -> None:
    delta = np.array([1.9, -1.9, 0.4])
    assert quantize(delta, Lattice(8, 0, 0, 100)).tolist() == [1, -1, 0]


def test_a_clipped_delta_keeps_its_direction() -> None:
    delta = np.array([3e6, 4e6])
    assert quantize(delta, Lattice(32, 0, 0, 50_000)).tolist() == [30_000, 40_000]


@given(st.lists(st.integers(-(2**31) + 1, 2**31 - 1), min_size=1, max_size=50))
def test_the_squared_norm_is_exact(values: list[int]) -> None:
    assert squared_norm(np.array(values, np.int32)) == sum(value**2 for value in values)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_t27_nan_and_infinity_never_reach_the_lattice(bad: float) -> None:
    with pytest.raises(UpdateRefused, match="not finite") as caught:
        quantize(np.array([0.0, bad, 1.0]), Lattice(16, -10))
    assert caught.value.reason is Reason.NON_FINITE
    assert isinstance(caught.value, UpdateRejected)


def test_t27_denormals_and_huge_values_become_ordinary_integers() -> None:
    delta = np.array([5e-324, -5e-324, 1.7e308])
    assert quantize(delta, Lattice(16, -60)).tolist() == [0, 0, 32_767]


def test_the_excluded_smallest_value_is_refused() -> None:
    with pytest.raises(UpdateRefused) as caught:
        check_range(np.array([-128], np.int8), Lattice(8, 0))
    assert caught.value.reason is Reason.RANGE


def test_t27_a_norm_above_the_clip_norm_is_refused() -> None:
    check_range(np.array([3, 4], np.int8), Lattice(8, 0, 0, 5))
    with pytest.raises(UpdateRefused) as caught:
        check_range(np.array([3, 5], np.int8), Lattice(8, 0, 0, 5))
    assert caught.value.reason is Reason.RANGE


def test_t28_another_type_or_shape_is_refused() -> None:
    with pytest.raises(UpdateRefused) as caught:
        check_range(np.array([1], np.int16), Lattice(8, 0))
    assert caught.value.reason is Reason.DTYPE
    with pytest.raises(UpdateRefused) as caught:
        quantize(np.zeros((2, 2)), Lattice(8, 0))
    assert caught.value.reason is Reason.SHAPE
