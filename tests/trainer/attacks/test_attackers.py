"""Attackers do what they say: their updates are what the papers call them."""

from __future__ import annotations

import pytest
import torch

from registry.errors import ConfigError
from trainer.attacks import free_rider, scaled, sign_flip
from trainer.local import LocalResult
from trainer.plan import LocalPlan
from trainer.tensor_files import State

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
