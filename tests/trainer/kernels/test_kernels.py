"""One suite over the compiled and the portable kernels, against plain Python integers (T-35)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.kernels.base import Division, Kernels
from trainer.kernels.library import library_path
from trainer.kernels.native import NativeKernels
from trainer.kernels.networks import network
from trainer.kernels.portable import PortableKernels
from trainer.types import IntVector

WIDTHS = (8, 16, 32)


def kernels() -> list[Kernels]:
    """Both, and the compiled ones in one thread; where nothing was compiled, the portable ones."""
    found: list[Kernels] = [PortableKernels()]
    if library_path().is_file():
        found += [NativeKernels(library_path(), threads) for threads in (1, 3)]
    return found


KERNELS = kernels()
EVERY = pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)


def rows_of(seed: int, count: int, length: int, bits: int, small: bool = False) -> list[IntVector]:
    """Rows over the lattice's whole range, or of a few values with many ties."""
    top = 3 if small else (1 << (bits - 1)) - 1
    made = np.random.default_rng(seed)
    rows = made.integers(-top, top, (count, length), endpoint=True).astype(f"int{bits}")
    rows[:, 0] = top
    return list(rows)


def rounded(number: Fraction) -> int:
    """Half away from zero."""
    size = (2 * abs(number.numerator) + number.denominator) // (2 * number.denominator)
    return size if number >= 0 else -size


def columns(rows: Sequence[IntVector]) -> list[tuple[int, ...]]:
    """The columns as Python integers."""
    return list(zip(*(row.tolist() for row in rows), strict=True))


@EVERY
@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("count", [1, 2, 5, 33])
def test_weighted_sums_are_exact(kernel: Kernels, bits: int, count: int) -> None:
    rows = rows_of(count, count, 5_000, bits)
    for factors in (
        [7] * count,
        [60_000 + i for i in range(count)],
        [(-1) ** i for i in range(count)],
    ):
        found = kernel.weighted(rows, factors)
        expected = [
            sum(f * q for f, q in zip(factors, column, strict=True)) for column in columns(rows)
        ]
        assert found.dtype == np.int64
        assert found.tolist() == expected


_EDGES = [0, 1, 127, 128, 1 << 11, (1 << 15) - 1, 1 << 15, 60_000, 1 << 22, (1 << 31) - 1, 1 << 38]


@given(st.lists(st.sampled_from(_EDGES), min_size=1, max_size=70), st.integers(1, 40), st.data())
def test_factors_of_any_size_and_sign_are_exact(
    sizes: list[int], length: int, data: st.DataObject
) -> None:
    draw = random.Random(data.draw(st.integers(0, 1 << 30)))
    factors = [draw.choice((-1, 1)) * size for size in sizes]
    edges = (-32_768, 32_767, 0, 1)
    rows = [
        np.array([draw.choice(edges) for _ in range(length)], np.int16) for _ in range(len(factors))
    ]
    expected = [
        sum(f * int(q) for f, q in zip(factors, column, strict=True)) for column in columns(rows)
    ]
    for kernel in KERNELS:
        assert kernel.weighted(rows, factors).tolist() == expected


@EVERY
@pytest.mark.parametrize("bits", WIDTHS)
def test_a1_division_rounds_half_away_from_zero(kernel: Kernels, bits: int) -> None:
    rows, factors = rows_of(3, 4, 3_000, bits), [1, 2, 30_000, 5]
    guard = 0 if bits == 32 else 8
    total = sum(factors)
    division = Division(total, guard, total << (bits - 1))
    found = kernel.weighted(rows, factors, division)
    assert found.dtype == np.int32
    for value, column in zip(found.tolist(), columns(rows), strict=True):
        numerator = sum(f * q for f, q in zip(factors, column, strict=True))
        assert value == rounded(Fraction(numerator << guard, total))


@EVERY
@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("count", [1, 2, 3, 8, 13, 32])
def test_ranks_are_those_of_sorting(kernel: Kernels, bits: int, count: int) -> None:
    rows = rows_of(count, count, 1_100, bits, small=count == 8)
    for low, high in ((0, count), (count // 2, count // 2 + 1), (count // 4, count - count // 4)):
        found = kernel.ranked(rows, low, high)
        assert found.tolist() == [sum(sorted(column)[low:high]) for column in columns(rows)]


@EVERY
@pytest.mark.parametrize("bits", [*WIDTHS, 64])
@pytest.mark.parametrize(("count", "keep"), [(1, 1), (4, 3), (5, 2), (9, 9), (12, 5)])
def test_the_nearest_to_the_median_are_summed(
    kernel: Kernels, bits: int, count: int, keep: int
) -> None:
    rows = rows_of(count, count, 700, min(bits, 32), small=count == 12)
    wide = [row.astype(f"int{bits}") for row in rows]
    for value, column in zip(kernel.nearest(wide, keep).tolist(), columns(rows), strict=True):
        ordered = sorted(column)
        middle = ordered[(count - 1) // 2] + ordered[count // 2]
        by_distance = sorted(ordered, key=lambda q: (abs(2 * q - middle), q))
        assert value == sum(by_distance[:keep])


@EVERY
@pytest.mark.parametrize("bits", WIDTHS)
@pytest.mark.parametrize("small", [True, False])
def test_inner_products_are_exact(kernel: Kernels, bits: int, small: bool) -> None:
    rows = rows_of(9, 7, 3_333, bits, small)
    expected = [
        [sum(x * y for x, y in zip(a.tolist(), b.tolist(), strict=True)) for b in rows]
        for a in rows
    ]
    assert kernel.gram(rows) == expected


@EVERY
def test_inner_products_of_the_least_value_are_exact_too(kernel: Kernels) -> None:
    rows = [np.full(2_048, -32_768, np.int16), np.full(2_048, 32_767, np.int16)]
    assert kernel.gram(rows) == [
        [2_048 << 30, -2_048 * 32_768 * 32_767],
        [-2_048 * 32_768 * 32_767, 2_048 * 32_767**2],
    ]


@EVERY
def test_mapped_big_endian_rows_are_read_as_they_are(kernel: Kernels) -> None:
    rows = rows_of(1, 3, 900, 32)
    assert (
        kernel.weighted([r.astype(">i4") for r in rows], [1, 2, 3])
        == kernel.weighted(rows, [1, 2, 3])
    ).all()


@EVERY
def test_nothing_is_broadcast(kernel: Kernels) -> None:
    one, many = np.ones(1, np.int16), np.ones(50, np.int16)
    for rows in ([many, one], [many, many.astype(np.int8)], [many.reshape(5, 10)], []):
        for work in (
            lambda rows=rows: kernel.weighted(rows, [1] * len(rows)),
            lambda rows=rows: kernel.ranked(rows, 0, 1),
            lambda rows=rows: kernel.nearest(rows, 1),
            lambda rows=rows: kernel.gram(rows),
        ):
            with pytest.raises(AggregationError, match="expected"):
                work()


@EVERY
def test_sums_that_could_overflow_are_refused(kernel: Kernels) -> None:
    row = np.ones(5, np.int32)
    with pytest.raises(AggregationError, match="overflow"):
        kernel.weighted([row], [1 << 31])
    with pytest.raises(AggregationError, match="expected 1 factors, got 2"):
        kernel.weighted([row], [1, 1])
    with pytest.raises(AggregationError, match="A-2"):
        Division(1, 8, 1 << 54)
    with pytest.raises(AggregationError, match="denominator"):
        Division(0, 8, 1)


@given(st.integers(1, 40), st.data())
def test_networks_bring_every_wanted_rank_into_its_row(rows: int, data: st.DataObject) -> None:
    low = data.draw(st.integers(0, rows - 1))
    high = data.draw(st.integers(low + 1, rows))
    # The zero-one principle: a network that sorts every row of bits sorts everything.
    ones = data.draw(st.integers(0, rows))
    values = [0] * (rows - ones) + [1] * ones
    random.Random(data.draw(st.integers(0, 1 << 30))).shuffle(values)
    expected = sorted(values)
    for first, second in network(rows, low, high):
        if values[first] > values[second]:
            values[first], values[second] = values[second], values[first]
    assert values[low:high] == expected[low:high]
