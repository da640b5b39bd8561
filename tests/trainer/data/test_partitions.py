"""Splits: everybody's own, nothing lost, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.errors import ConfigError
from trainer.data import split_by_dirichlet, split_evenly

LABELS = np.arange(2_000) % 10


def skew(parts: list[np.ndarray]) -> float:
    """The mean of each participant's largest part of one label."""
    return float(np.mean([np.bincount(LABELS[part]).max() / part.size for part in parts]))


@given(st.integers(1, 300), st.integers(1, 20), st.integers(0, 2**32))
def test_an_even_split_loses_nothing(examples: int, participants: int, seed: int) -> None:
    if participants > examples:
        with pytest.raises(ConfigError):
            split_evenly(examples, participants, seed)
        return
    parts = split_evenly(examples, participants, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(examples))
    assert max(p.size for p in parts) - min(p.size for p in parts) <= 1


@given(st.integers(1, 8), st.sampled_from([0.1, 1.0, 100.0]), st.integers(0, 1_000))
def test_a_skewed_split_loses_nothing_and_leaves_nobody_empty(
    participants: int, alpha: float, seed: int
) -> None:
    parts = split_by_dirichlet(LABELS, participants, alpha, seed)
    assert sorted(np.concatenate(parts).tolist()) == list(range(2_000))
    assert min(part.size for part in parts) > 0


@pytest.mark.parametrize("alpha", [None, 0.5])
def test_splits_are_the_same_for_the_same_seed(alpha: float | None) -> None:
    once, again, other = (
        split_evenly(2_000, 3, seed)
        if alpha is None
        else split_by_dirichlet(LABELS, 3, alpha, seed)
        for seed in (4, 4, 5)
    )
    assert all((a == b).all() for a, b in zip(once, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(once, other, strict=True))


def test_a_smaller_alpha_is_more_one_sided() -> None:
    tight, loose = (split_by_dirichlet(LABELS, 5, alpha, 1) for alpha in (0.1, 100.0))
    assert skew(tight) > 2 * skew(loose)


@pytest.mark.parametrize("alpha", [0.0, -1.0, float("inf"), float("nan")])
def test_an_alpha_that_is_none_is_refused(alpha: float) -> None:
    with pytest.raises(ConfigError, match="alpha"):
        split_by_dirichlet(LABELS, 3, alpha)


def test_more_participants_than_examples_are_refused() -> None:
    with pytest.raises(ConfigError, match="participants"):
        split_by_dirichlet([1, 2], 3, 1.0)
