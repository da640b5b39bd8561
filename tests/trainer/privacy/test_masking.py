"""Masks cancel in sums: what comes out is the sum of what went in, modulo 2^width."""

from __future__ import annotations

import tracemalloc
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import AggregationError
from trainer.kernels import Packed
from trainer.privacy.masking import masked, unmasked_sum
from trainer.privacy.packing import SLICE, centred, pack, packed_bytes, unpack
from trainer.types import IntVector
from trainer.vectors.vector_roots import CHUNK

WIDTH = 21
SEEDS = [sha256(bytes([n])).digest() for n in range(4)]
Pair = tuple[int, int]


def pair_seed(pair: Pair) -> bytes:
    return sha256(bytes(pair)).digest()


def self_seed(member: int) -> bytes:
    return sha256(b"self" + bytes([member])).digest()


def hidden(
    values: list[IntVector], pairs: set[Pair], width: int, weights: list[int]
) -> list[Packed]:
    """What each member stores: of a pair the lower one adds its mask, the other subtracts it."""
    return [
        masked(
            vector,
            width,
            [self_seed(member), *(pair_seed(p) for p in sorted(pairs) if p[0] == member)],
            [pair_seed(p) for p in sorted(pairs) if p[1] == member],
            factor=weights[member],
            appended=[weights[member]],
        )
        for member, vector in enumerate(values)
    ]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_sum_over_survivors_is_exact_whatever_the_graph_and_whoever_drops(
    data: st.DataObject,
) -> None:
    members = data.draw(st.integers(2, 7))
    length, width = data.draw(st.integers(1, 600)), data.draw(st.integers(1, 64))
    every = [(low, high) for high in range(members) for low in range(high)]
    pairs = data.draw(st.sets(st.sampled_from(every)))
    survivors = data.draw(st.sets(st.integers(0, members - 1), min_size=1))
    generator = np.random.default_rng(data.draw(st.integers(0, 99)))
    values = [generator.integers(-(2**15), 2**15, length).astype(np.int16) for _ in range(members)]
    weights = [int(weight) for weight in generator.integers(1, 1_000, members)]
    stored = hidden(values, pairs, width, weights)
    one_dropped = [p for p in sorted(pairs) if len(survivors & set(p)) == 1]
    found = unmasked_sum(
        [stored[member] for member in sorted(survivors)],
        length + 1,
        width,
        [pair_seed(p) for p in one_dropped if p[1] in survivors],
        [pair_seed(p) for p in one_dropped if p[0] in survivors] + [*map(self_seed, survivors)],
    )
    half = 1 << (width - 1)
    plain = [sum(weights[m] * int(values[m][i]) for m in survivors) for i in range(length)]
    plain.append(sum(weights[m] for m in survivors))
    assert found.tolist() == [(value + half) % (2 * half) - half for value in plain]


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
@pytest.mark.parametrize("appended", [[], [7], [-1, 3]])
@pytest.mark.parametrize("length", [2 * SLICE - 1, 2 * SLICE, 2 * SLICE + 300])
def test_vectors_of_several_slices_are_weighted_and_masked_to_the_end(
    dtype: type[np.signedinteger[np._typing._64Bit]], appended: list[int], length: int
) -> None:
    values = np.random.default_rng(1).integers(-99, 99, length).astype(dtype)
    stored = masked(values, WIDTH, SEEDS[:2], SEEDS[2:], factor=5, appended=appended)
    plain = [*(5 * values.astype(np.int64)).tolist(), *appended]
    found = unmasked_sum([stored], length + len(appended), WIDTH, SEEDS[2:], SEEDS[:2])
    assert found.tolist() == plain
    zeros = np.zeros(length + len(appended), np.int8)
    masks = unpack(masked(zeros, WIDTH, SEEDS[:2], SEEDS[2:]), len(plain), WIDTH)
    residues = unpack(stored, len(plain), WIDTH)
    assert np.array_equal(centred(residues - masks, WIDTH), np.array(plain))


def test_a_masked_vector_is_no_plain_one_and_differs_for_each_seed() -> None:
    values = np.zeros(1_000, np.int16)
    stored = {masked(values, WIDTH, [seed], []).tobytes() for seed in SEEDS}
    stored |= {masked(values, WIDTH, [], [seed]).tobytes() for seed in SEEDS}
    assert len(stored) == 8
    assert pack(values, WIDTH).tobytes() not in stored


@pytest.mark.parametrize("start", [0, CHUNK, 3 * CHUNK, SLICE])
@pytest.mark.parametrize("width", [9, 21, 34, 64])
def test_a_stretch_that_begins_at_a_chunk_is_that_stretch_of_the_vector(
    start: int, width: int
) -> None:
    values = np.arange(SLICE + 900, dtype=np.int32)
    stored = masked(values, width, SEEDS[:1], SEEDS[1:])
    part = masked(values[start:], width, SEEDS[:1], SEEDS[1:], start=start)
    behind = stored[start * width // 8 :]
    assert part.tobytes() == behind.tobytes()
    every = unmasked_sum([stored, stored], values.size, width, SEEDS, SEEDS[1:])
    length = values.size - start
    some = unmasked_sum([behind, behind], length, width, SEEDS, SEEDS[1:], start=start)
    assert np.array_equal(some, every[start:])


def test_vectors_may_lie_in_files_and_so_may_what_is_written(tmp_path: Path) -> None:
    length = SLICE + 77
    size = packed_bytes(length, WIDTH)
    values = np.arange(length, dtype=np.int32)
    values.tofile(tmp_path / "values")
    mapped = np.memmap(tmp_path / "values", np.int32, "r")
    target = np.memmap(tmp_path / "masked", np.uint8, "w+", shape=(size,))
    masked(mapped, WIDTH, SEEDS[:1], [], out=target)
    target.flush()
    stored = np.memmap(tmp_path / "masked", np.uint8, "r")
    sums = np.memmap(tmp_path / "sums", np.int64, "w+", shape=(length,))
    unmasked_sum([stored, stored], length, WIDTH, [], SEEDS[:1] * 2, out=sums)
    assert np.array_equal(sums, 2 * values.astype(np.int64))


def test_memory_is_a_slice_a_core_whatever_the_length() -> None:
    length = 32 * SLICE
    values = np.ones(length, np.int16)
    target = np.empty(packed_bytes(length, WIDTH), np.uint8)
    sums = np.empty(length, np.int64)
    tracemalloc.start()
    try:
        masked(values, WIDTH, SEEDS, [], out=target)
        unmasked_sum([target] * 3, length, WIDTH, [], SEEDS * 3, out=sums)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Residues of 64 bits for the whole vector would be twice as much.
    assert most < 4 * length
    assert (sums == 3).all()


@pytest.mark.parametrize(
    ("size", "change", "message"),
    [
        (15, 0, "expected 14 bytes for 5 values of 21 bits"),
        (13, 0, "expected 14 bytes for 5 values of 21 bits"),
        (14, 1, "expected the last 7 bits of 5 values of 21 bits to be zero"),
    ],
)
def test_a_vector_that_is_not_so_many_values_is_refused(
    size: int, change: int, message: str
) -> None:
    given_vector = np.zeros(size, np.uint8)
    given_vector[-1] = change
    good = np.zeros(14, np.uint8)
    assert unmasked_sum([good, good], 5, WIDTH, [], []).tolist() == [0] * 5
    with pytest.raises(AggregationError, match=message):
        unmasked_sum([good, given_vector], 5, WIDTH, [], [])


def test_other_seeds_starts_and_targets_are_refused() -> None:
    values = np.zeros(5, np.int16)
    with pytest.raises(AggregationError, match="seed of 32 bytes, got 31"):
        masked(values, WIDTH, [], [bytes(31)])
    with pytest.raises(AggregationError, match="seed of 32 bytes, got 33"):
        unmasked_sum([], 5, WIDTH, [bytes(33)], [])
    with pytest.raises(AggregationError, match="multiple of 256, got 255"):
        masked(values, WIDTH, [], [], start=255)
    with pytest.raises(AggregationError, match="multiple of 256, got -256"):
        unmasked_sum([], 5, WIDTH, [], [], start=-256)
    with pytest.raises(AggregationError, match="1 to 64 bits, got 65"):
        unmasked_sum([], 5, 65, [], [])
    with pytest.raises(AggregationError, match="expected 14 bytes to write to"):
        masked(values, WIDTH, [], [], out=np.zeros(13, np.uint8))
    with pytest.raises(AggregationError, match="expected 5 values to write to"):
        unmasked_sum([], 5, WIDTH, [], [], out=np.zeros(6, np.int64))
    with pytest.raises(AggregationError, match="vector of signed integers"):
        masked(np.zeros(5, np.float64), WIDTH, [], [])
