"""FedPer: the head is trained, kept, and never handed back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from local_metrics import number

from registry.errors import ConfigError
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import local_train
from trainer.training.personal import private_head_training
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import load_into, state_of


def test_the_head_handed_back_is_the_base_s_bit_for_bit(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    base = state_of(made(2))
    training = private_head_training(made(), points(1), ("head.*",), tmp_path / "h.safetensors")
    for _ in range(2):
        result = training({n: t.clone() for n, t in base.items()}, plan)
        kept = load_safetensors(tmp_path / "h.safetensors")
        assert set(kept) == {"head.weight", "head.bias"}
        for name in kept:
            assert torch.equal(result.state[name], base[name])
            assert not torch.equal(kept[name], base[name])
        assert not torch.equal(result.state["body.weight"], base["body.weight"])
        assert result.examples == 80


def test_body_and_kept_head_are_trained_as_one_model(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    path, validation_set = tmp_path / "h.safetensors", points(9)
    training = private_head_training(made(), points(1), ("head.*",), path, validation_set)
    first = training(state_of(made(2)), plan)
    kept = load_safetensors(path)
    twin = made()
    load_into(twin, {**first.state, **kept})
    expected = local_train(twin, points(1), plan)
    second = training(first.state, plan)
    assert torch.equal(second.state["body.weight"], expected.state["body.weight"])
    assert torch.equal(load_safetensors(path)["head.bias"], expected.state["head.bias"])
    assert second.metrics["loss"] == expected.metrics["loss"]


def test_opposite_participants_each_gain_with_a_head_of_their_own(
    made: Any, points: Any, plan: LocalPlan, tmp_path: Path
) -> None:
    state = state_of(made(2))
    trainings = [
        private_head_training(made(), points(i, i == 1), ("head.*",), tmp_path / f"{i}.safetensors")
        for i in range(2)
    ]
    for _ in range(4):
        results = [training(state, plan) for training in trainings]
        state = {n: (results[0].state[n] + results[1].state[n]) / 2 for n in state}
    for result in results:
        assert number(result, "personal_accuracy") > 0.9
    # One head can't be right for both.
    accuracies = [number(result, "global_accuracy_before") for result in results]
    assert sum(accuracies) / 2 < 0.7


def test_patterns_that_leave_no_body_or_name_nothing_are_refused(
    made: Any, points: Any, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match="leave no body to share"):
        private_head_training(made(), points(1), ("*",), tmp_path / "h")
    with pytest.raises(ConfigError, match="names no tensor of the base"):
        private_head_training(made(), points(1), ("tail.*",), tmp_path / "h")
