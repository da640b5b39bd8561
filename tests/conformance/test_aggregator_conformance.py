"""What every combining rule promises: one suite over all of them (T-27, T-28, T-35)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from registry.errors import AggregationError
from trainer.aggregation import Aggregator, Mean
from trainer.types import IntVector, Lattice

Pairs = list[tuple[IntVector, int]]
RULES: list[Callable[[], Aggregator[Any]]] = [Mean]


@pytest.fixture(params=RULES, ids=lambda rule: rule.__name__)
def rule(request: pytest.FixtureRequest) -> Aggregator[Any]:
    """A rule."""
    made: Aggregator[Any] = request.param()
    return made


def updates(lattice: Lattice, count: int, length: int, seed: int = 0) -> Pairs:
    """Random vectors over the whole lattice, with weights."""
    draw = np.random.default_rng(seed)
    return [
        (
            draw.integers(-lattice.largest, lattice.largest + 1, length).astype(lattice.dtype),
            int(draw.integers(1, 50_000)),
        )
        for _ in range(count)
    ]


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_t35_every_order_gives_the_same_bits(rule: Aggregator[Any], bits: int) -> None:
    lattice = Lattice(bits, -10, 0)
    pairs = updates(lattice, 7, 70_001)
    expected = rule.combine(pairs, lattice).tobytes()
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(pairs))
        assert rule.combine([pairs[at] for at in order], lattice).tobytes() == expected


def test_t35_every_number_of_threads_gives_the_same_bits(rule: Aggregator[Any]) -> None:
    lattice, before = Lattice(16, -10, 8), torch.get_num_threads()
    pairs, found = updates(lattice, 5, 100_000), set()
    for threads in (1, 2):
        torch.set_num_threads(threads)
        found.add(rule.combine(pairs, lattice).tobytes())
    torch.set_num_threads(before)
    assert len(found) == 1


def test_strided_vectors_count_like_contiguous_ones(rule: Aggregator[Any]) -> None:
    lattice = Lattice(16, -10, 4)
    pairs = updates(lattice, 3, 1_000)
    strided = [(np.repeat(vector, 2)[::2], weight) for vector, weight in pairs]
    assert (rule.combine(strided, lattice) == rule.combine(pairs, lattice)).all()


def test_the_inputs_stay_as_they_are(rule: Aggregator[Any]) -> None:
    lattice = Lattice(8, -4)
    pairs = updates(lattice, 3, 500)
    copies = [vector.copy() for vector, _ in pairs]
    rule.combine(pairs, lattice)
    assert all((vector == copy).all() for (vector, _), copy in zip(pairs, copies, strict=True))


def test_equal_updates_come_out_as_themselves(rule: Aggregator[Any]) -> None:
    lattice = Lattice(16, -10, 5)
    vector = updates(lattice, 1, 300)[0][0]
    found = rule.combine([(vector.copy(), weight) for weight in (1, 7, 100)], lattice)
    assert (found == vector.astype(np.int32) << lattice.guard_bits).all()


def test_the_aggregate_stays_between_the_smallest_and_the_largest(rule: Aggregator[Any]) -> None:
    lattice = Lattice(8, -4, 4)
    pairs = updates(lattice, 5, 2_000)
    found = rule.combine(pairs, lattice)
    stacked = np.stack([vector.astype(np.int32) << 4 for vector, _ in pairs])
    assert found.dtype == np.int32
    assert ((found >= stacked.min(0)) & (found <= stacked.max(0))).all()


def test_t28_vectors_that_would_broadcast_are_refused(rule: Aggregator[Any]) -> None:
    lattice = Lattice(8, -4)
    state = rule.add(rule.init(4, lattice), np.ones(4, np.int8), 1)
    for bad in (np.ones(1, np.int8), np.ones((4, 1), np.int8), np.ones(5, np.int8)):
        with pytest.raises(AggregationError, match="expected the shape"):
            rule.add(state, bad, 1)


def test_t28_other_types_are_refused(rule: Aggregator[Any]) -> None:
    state = rule.init(2, Lattice(8, -4))
    wrong: list[Any] = [np.ones(2, kind) for kind in (np.int16, np.uint8, np.float32)]
    for bad in wrong:
        with pytest.raises(AggregationError, match="expected int8"):
            rule.add(state, bad, 1)


@pytest.mark.parametrize("weight", [0, -1, True, 1.0])
def test_t29_weights_that_are_no_positive_integers_are_refused(
    rule: Aggregator[Any], weight: Any
) -> None:
    with pytest.raises(AggregationError, match="weight of at least 1"):
        rule.add(rule.init(2, Lattice(8, -4)), np.ones(2, np.int8), weight)


@pytest.mark.parametrize("weight", [2**31, 2**40, 2**64, 2**200])
def test_t29_huge_weights_are_refused_before_they_overflow(
    rule: Aggregator[Any], weight: int
) -> None:
    with pytest.raises(AggregationError, match="overflow"):
        rule.add(rule.init(1, Lattice(32, 0)), np.ones(1, np.int32), weight)


def test_nothing_to_combine_is_refused(rule: Aggregator[Any]) -> None:
    with pytest.raises(AggregationError, match="at least one update"):
        rule.combine([], Lattice(8, -4))
    with pytest.raises(AggregationError, match="at least one update"):
        rule.finish(rule.init(3, Lattice(8, -4)))
