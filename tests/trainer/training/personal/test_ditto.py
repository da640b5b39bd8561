"""Ditto: the update is that of plain training; one's own model is pulled to the global one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from local_metrics import number

from registry.errors import ConfigError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import module_training
from trainer.training.personal import ditto_training
from trainer.training.proximal import ProximalTerm
from trainer.vectors.layout import Layout, flatten
from trainer.vectors.safetensors_files import State, load_safetensors
from trainer.vectors.torch_modules import state_of


def distance(first: State, second: State) -> float:
    """The Euclidean distance between two models."""
    layout = Layout.of(first, ("*",))
    gap = flatten(first, layout) - flatten(second, layout)
    return float((gap**2).sum() ** 0.5)


def test_what_is_handed_back_is_plain_training(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    base = state_of(made(2))
    plain = module_training(made(), points(1))(base, plan)
    training = ditto_training(made(), points(1), tmp_path / "own", 0.5, points(9))
    for _ in range(2):
        result = training(base, plan)
        assert all(torch.equal(result.state[n], plain.state[n]) for n in base)
        assert result.metrics["loss"] == plain.metrics["loss"]
    assert (tmp_path / "own").stat().st_mode & 0o777 == 0o600


def test_one_step_is_that_of_the_paper(made: Any, points: Any, tmp_path: Path) -> None:
    base, rate, strength = state_of(made(2)), 0.25, 0.5
    data, plan = points(1, count=20), LocalPlan(1, 20, "sgd", "0.25")
    training = ditto_training(made(), data, tmp_path / "own", strength, points(9))
    training(base, plan)
    kept = load_safetensors(tmp_path / "own")
    module = made()
    module.load_state_dict(kept)
    loss = torch.nn.functional.cross_entropy(module(data.tensors[0]), data.tensors[1])
    torch.autograd.backward(loss)
    moved = {n: t + 1 for n, t in base.items()}
    training(moved, plan)
    after = load_safetensors(tmp_path / "own")
    for name, parameter in module.named_parameters():
        pull = strength * (kept[name] - moved[name])
        expected = kept[name] - rate * (parameter.grad + pull)
        torch.testing.assert_close(after[name], expected, atol=1e-6, rtol=1e-5)


def test_more_strength_stays_nearer(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    base = state_of(made(2))
    gaps = []
    for strength in (0.0, 0.3, 3.0):
        path = tmp_path / str(strength)
        for _ in range(3):
            ditto_training(made(), points(1), path, strength)(base, plan)
        gaps.append(distance(load_safetensors(path), base))
    assert gaps[0] > gaps[1] > gaps[2] > 0


def test_opposite_participants_each_gain_with_a_model_of_their_own(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    state = state_of(made(2))
    trainings = [
        ditto_training(made(), points(i, i == 1), tmp_path / f"{i}", 0.05) for i in range(2)
    ]
    for _ in range(4):
        results = [training(state, plan) for training in trainings]
        state = {n: (results[0].state[n] + results[1].state[n]) / 2 for n in state}
    assert all(number(result, "personal_accuracy") > 0.9 for result in results)
    assert sum(number(r, "global_accuracy_before") for r in results) / 2 < 0.7


@pytest.mark.parametrize("strength", [-0.1, float("nan"), float("inf")])
def test_a_strength_out_of_range_is_refused(
    made: Any, points: Any, tmp_path: Path, strength: float
) -> None:
    with pytest.raises(ConfigError, match="ditto: expected a strength of 0 or more, got"):
        ditto_training(made(), points(1), tmp_path / "own", strength)


def test_a_pull_needs_an_anchor_for_each_parameter(made: Any) -> None:
    module = made()
    with pytest.raises(TrainingError, match=r"an anchor for 'body\.weight', got none"):
        ProximalTerm.towards(module, 1.0, {})
    assert ProximalTerm.towards(module, 0.0, {}).parameters == []
