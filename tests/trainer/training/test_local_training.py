"""Local training: the same way every time, and stopped when it diverges."""

from __future__ import annotations

import pytest
import torch
from local_metrics import number
from torch.utils.data import TensorDataset

from registry.errors import TrainingError
from trainer.models import MnistCnn
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import local_train
from trainer.vectors.torch_modules import state_of


def data(count: int = 64) -> TensorDataset:
    """Points on two sides of a line."""
    points = torch.randn(count, 2, generator=torch.Generator().manual_seed(1))
    return TensorDataset(points, (points.sum(1) > 0).long())


def module() -> torch.nn.Module:
    """A classifier with dropout, whose random numbers count."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(2)
        return torch.nn.Sequential(
            torch.nn.Linear(2, 8), torch.nn.ReLU(), torch.nn.Dropout(0.3), torch.nn.Linear(8, 2)
        )


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_equal_plans_give_equal_bits(optimizer: str) -> None:
    plan = LocalPlan(2, 8, optimizer, "0.05", 4)
    once, again = (local_train(module(), data(), plan) for _ in range(2))
    assert all(torch.equal(once.state[name], again.state[name]) for name in once.state)
    assert once.metrics == again.metrics


def test_another_seed_gives_another_result() -> None:
    once, other = (local_train(module(), data(), LocalPlan(seed=seed)) for seed in (1, 2))
    assert not all(torch.equal(once.state[name], other.state[name]) for name in once.state)


def test_the_loss_falls_with_the_epochs() -> None:
    losses = [
        number(local_train(module(), data(), LocalPlan(epochs, 8, "sgd", "0.2", 1)), "loss")
        for epochs in (1, 10)
    ]
    assert losses[1] < losses[0]


def test_the_callers_random_numbers_stay_as_they_were() -> None:
    torch.manual_seed(9)
    expected = torch.rand(3)
    torch.manual_seed(9)
    result = local_train(module(), data(), LocalPlan())
    assert torch.equal(torch.rand(3), expected)
    assert result.examples == 64


def test_frozen_parameters_stay_as_they_are() -> None:
    frozen = module()
    frozen[0].weight.requires_grad_(False)  # type: ignore[index]
    before = state_of(frozen)["0.weight"]
    assert torch.equal(local_train(frozen, data(), LocalPlan()).state["0.weight"], before)


def test_no_data_and_a_diverging_loss_are_refused() -> None:
    with pytest.raises(TrainingError, match="at least one example"):
        local_train(module(), TensorDataset(torch.empty(0, 2), torch.empty(0)), LocalPlan())
    with pytest.raises(TrainingError, match="lower the learning rate"):
        local_train(module(), data(), LocalPlan(20, 8, "sgd", "999999999", 0))


def test_a_loss_that_is_nan_points_to_the_inputs() -> None:
    inputs, labels = data().tensors
    holed = TensorDataset(torch.full_like(inputs, float("nan")), labels)
    with pytest.raises(TrainingError, match="the loss became nan; look for NaN in the inputs"):
        local_train(module(), holed, LocalPlan())


def test_the_recipes_network_has_the_recipes_shapes() -> None:
    network = MnistCnn(seed=1)
    assert network(torch.zeros(2, 1, 28, 28)).shape == (2, 10)
    assert sum(p.numel() for p in network.parameters()) == 225_034
    assert torch.equal(network.fc1.weight, MnistCnn(seed=1).fc1.weight)
    assert not torch.equal(network.fc1.weight, MnistCnn(seed=2).fc1.weight)
