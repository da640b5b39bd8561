"""Attackers do what they say: their updates are what the papers call them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.utils.data import TensorDataset

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.research.attacks import (
    Backdoor,
    LabelFlip,
    copy_cat,
    free_rider,
    gaussian,
    inner_product_manipulation,
    little_is_enough,
    min_max,
    scaled,
    sign_flip,
    sybils,
)
from trainer.training.local_training import LocalResult
from trainer.vectors.safetensors_files import State

BASE = {"w": torch.tensor([1.0, -2.0]), "steps": torch.tensor(4)}


def honest(base: State, plan: LocalPlan) -> LocalResult:
    """Moves every weight up by a half."""
    return LocalResult({"w": base["w"] + 0.5, "steps": base["steps"] + 1}, 10, {"loss": 1.0})


def test_a_free_rider_returns_what_it_was_given() -> None:
    found = free_rider(500)(dict(BASE), LocalPlan())
    assert found.examples == 500
    assert all(torch.equal(found.state[name], BASE[name]) for name in BASE)


def test_a_disguised_free_rider_adds_noise_to_floats_only() -> None:
    once, again = (free_rider(5, 0.1, seed=3)(dict(BASE), LocalPlan()).state for _ in range(2))
    assert torch.equal(once["w"], again["w"])
    assert 0 < float((once["w"] - BASE["w"]).abs().max()) < 1
    assert int(once["steps"]) == 4


@pytest.mark.parametrize("factor", [-1.0, 0.0, 10.0])
def test_scaling_multiplies_the_update(factor: float) -> None:
    found = scaled(honest, factor)(dict(BASE), LocalPlan())
    assert torch.equal(found.state["w"], BASE["w"] + 0.5 * factor)
    assert (found.examples, int(found.state["steps"])) == (10, 5)


def test_a_sign_flip_goes_the_other_way() -> None:
    found = sign_flip(honest, 2.0)(dict(BASE), LocalPlan())
    assert torch.equal(found.state["w"], BASE["w"] - 1.0)


def test_a_factor_that_is_not_finite_is_refused() -> None:
    for factor in (float("inf"), float("nan")):
        with pytest.raises(ConfigError, match="finite"):
            scaled(honest, factor)


def test_noise_comes_with_the_honest_number_of_examples() -> None:
    found = gaussian(honest, 0.1, seed=2)(dict(BASE), LocalPlan())
    assert found.examples == 10
    assert 0 < float((found.state["w"] - BASE["w"]).abs().max()) < 1


def test_flipped_labels_are_those_of_the_other_end() -> None:
    data = TensorDataset(torch.zeros(3, 2), torch.tensor([0, 1, 9]))
    flipped = LabelFlip(data, 10)
    assert [int(flipped[i][1]) for i in range(len(flipped))] == [9, 8, 0]
    assert torch.equal(flipped[0][0], data[0][0])


def test_a_backdoor_marks_every_other_image() -> None:
    data = TensorDataset(torch.zeros(4, 1, 8, 8), torch.tensor([1, 2, 3, 4]))
    marked = Backdoor(data, target=7)
    assert [int(marked[i][1]) for i in range(len(marked))] == [7, 2, 7, 4]
    assert [float(marked[i][0].sum()) for i in range(len(marked))] == [9, 0, 9, 0]
    assert float(data[0][0].sum()) == 0
    with pytest.raises(ConfigError, match="at least 1"):
        Backdoor(data, 7, every=0)


def test_copies_differ_by_their_noise_alone() -> None:
    first, second = sybils(honest, 2, noise=0.001)
    one, other = (training(dict(BASE), LocalPlan()).state["w"] for training in (first, second))
    assert not torch.equal(one, other)
    assert float((one - other).abs().max()) < 0.01
    same = copy_cat(honest)(dict(BASE), LocalPlan())
    assert torch.equal(same.state["w"], BASE["w"] + 0.5)
    with pytest.raises(ConfigError, match="2 names"):
        sybils(honest, 1)


HONEST = list(np.random.default_rng(1).normal(1, 0.3, (12, 500)))


def test_a_little_is_enough_stays_within_the_spread_of_honest_values() -> None:
    found, rows = little_is_enough(HONEST, 5), np.array(HONEST)
    assert (np.abs(found - rows.mean(0)) < 2 * rows.std(0)).all()
    assert (found < rows.mean(0)).all()
    with pytest.raises(ConfigError, match="fewer than half"):
        little_is_enough(HONEST, 12)


def test_inner_product_manipulation_points_the_other_way() -> None:
    mean = np.mean(HONEST, axis=0)
    assert float(inner_product_manipulation(HONEST, 0.5) @ mean) < 0
    with pytest.raises(ConfigError, match="above 0"):
        inner_product_manipulation(HONEST, 0)


def test_min_max_is_no_farther_than_two_honest_ones_are() -> None:
    found, rows = min_max(HONEST), np.array(HONEST)
    between = max(np.linalg.norm(rows - row, axis=1).max() for row in rows)
    farthest = np.linalg.norm(rows - found, axis=1).max()
    assert 0.99 * between < farthest <= between
    with pytest.raises(ConfigError, match="at least 2"):
        min_max(HONEST[:1])
