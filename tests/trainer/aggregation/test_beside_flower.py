"""Our rules beside Flower's own functions: equal where both are right, and where they aren't.

What was found wrong there must not exist here; each test shows the peer's result beside ours.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from flwr.server.strategy.aggregate import (
    aggregate,
    aggregate_bulyan,
    aggregate_krum,
    aggregate_median,
    aggregate_trimmed_avg,
)

from registry.errors import AggregationError, UpdateRejected
from trainer.aggregation import aggregator
from trainer.types import IntVector, Lattice
from trainer.vectors.lattice import quantize

LATTICE = Lattice(16, -13, guard_bits=16)
STEP = 2.0**-13
Results = list[tuple[list[npt.NDArray[np.float32]], int]]


def ours(
    name: str, vectors: list[IntVector], weights: list[int], **parameters: int
) -> npt.NDArray[np.float64]:
    """Our aggregate as real numbers."""
    found = aggregator(name, parameters).combine(zip(vectors, weights, strict=True), LATTICE)
    return found.astype(np.float64) * STEP / 2.0**LATTICE.guard_bits


def updates(count: int = 16, length: int = 500) -> tuple[list[IntVector], Results]:
    """Updates on the lattice, and the same numbers as Flower takes them."""
    made = np.random.default_rng(9)
    vectors = [q.astype(np.int16) for q in np.rint(made.normal(0, 900, (count, length)))]
    return vectors, [([(vector * STEP).astype(np.float32)], 7) for vector in vectors]


def test_equal_to_flower_s_kernels_to_a_millionth() -> None:
    vectors, results = updates()
    weights = [7] * len(vectors)
    pairs = {
        "mean": (ours("mean", vectors, weights), aggregate(results)),
        "median": (ours("median", vectors, weights), aggregate_median(results)),
        "trimmed mean": (
            ours("trimmed_mean", vectors, weights, trim=3),
            aggregate_trimmed_avg(results, 3 / 16),
        ),
        "krum": (ours("krum", vectors, weights, byzantine=3), aggregate_krum(results, 3, 0)),
        "multi-krum": (
            ours("krum", vectors, weights, byzantine=3, keep=8),
            aggregate_krum(results, 3, 8),
        ),
        "bulyan": (
            ours("bulyan", vectors, weights, byzantine=3),
            aggregate_bulyan(list(results), 3, aggregate_krum, to_keep=0),
        ),
    }
    for name, (mine, theirs) in pairs.items():
        assert np.abs(mine - theirs[0]).max() <= 1e-6, name


def test_one_nan_does_not_get_in() -> None:
    _, results = updates()
    results[3][0][0][:] = np.nan
    assert np.isnan(aggregate(results)[0]).all()
    assert np.isnan(aggregate_median(results)[0]).all()
    with pytest.raises(UpdateRejected, match="finite"):
        quantize(results[3][0][0], LATTICE)


def test_krum_cannot_pick_a_nan() -> None:
    _, results = updates()
    results[0][0][0][0] = np.nan
    picked = aggregate_krum(results, 3, 0)
    assert np.isnan(picked[0]).any()
    with pytest.raises(UpdateRejected, match="finite"):
        quantize(results[0][0][0], LATTICE)


def test_a_claimed_sample_count_moves_no_robust_rule() -> None:
    vectors, results = updates()
    results[5] = (results[5][0], 10**9)
    theirs = aggregate_krum(results, 3, 16)[0]
    assert np.abs(theirs - results[5][0][0]).max() < 1e-3  # one liar is the whole mean
    honest = [7] * 16
    liar = [7] * 5 + [10**9] + [7] * 10
    for name in ("median", "krum", "geometric_median", "norm_clipping"):
        assert (ours(name, vectors, honest) == ours(name, vectors, liar)).all()


def test_an_array_of_one_value_is_not_broadcast() -> None:
    vectors, results = updates()
    results[2] = ([np.array([5.0], np.float32)], 7)
    assert aggregate(results)[0].shape == (500,)
    vectors[2] = vectors[2][:1]
    with pytest.raises(AggregationError, match="the shape"):
        ours("mean", [vectors[0], vectors[2]], [7, 7])
    with pytest.raises(AggregationError, match="of the shape"):
        ours("median", vectors, [7] * 16)


def test_reversing_the_clients_changes_no_bit() -> None:
    made = np.random.default_rng(9)
    deltas = made.normal(0, 0.1, (16, 500)).astype(np.float32)
    weights = [1000 + 37 * i for i in range(16)]
    results: Results = [([delta], weight) for delta, weight in zip(deltas, weights, strict=True)]
    moved = aggregate(results)[0] != aggregate(results[::-1])[0]
    assert moved.mean() > 0.5
    vectors = [quantize(delta, LATTICE) for delta in deltas]
    mine = ours("mean", vectors, weights)
    assert (mine == ours("mean", vectors[::-1], weights[::-1])).all()


def test_distances_do_not_cancel() -> None:
    # Three far from the origin and near each other; in binary32 their distances are noise.
    base = np.full(4_096, 30_000, np.int16)
    steps = np.array([0, 1, 3, 6, 30], np.int16)
    vectors = [base + step for step in steps]
    gram = np.array(
        [
            [float(np.dot(a.astype(np.float32), b.astype(np.float32))) for b in vectors]
            for a in vectors
        ],
        np.float32,
    )
    noisy = gram.diagonal()[:, None] + gram.diagonal()[None] - 2 * gram
    exact = (steps[:, None].astype(int) - steps[None]) ** 2 * 4_096
    assert np.abs(noisy - exact).max() > exact[0, 1]
    chosen = ours("krum", vectors, [1] * 5, byzantine=1) / STEP
    assert set(chosen.tolist()) == {30_001.0}
