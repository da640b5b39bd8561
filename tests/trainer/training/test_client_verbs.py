"""The four verbs: a class written for Flower's NumPyClient trains here unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch

from registry.errors import AggregationError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import (
    Arrays,
    Client,
    Config,
    arrays_of,
    client_training,
    module_training,
    state_from,
)
from trainer.vectors.torch_modules import state_of


class Shift(Client):
    """Adds one to every floating array; says what it was told."""

    def __init__(self, model: torch.nn.Module) -> None:
        self.model = model
        self.told: Config = {}

    def get_parameters(self, config: Config) -> Arrays:
        return [tensor.numpy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters: Arrays) -> None:
        names = self.model.state_dict()
        self.model.load_state_dict(
            {n: torch.tensor(a) for n, a in zip(names, parameters, strict=True)}
        )

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Any]]:
        self.set_parameters(parameters)
        self.told = config
        moved = [a + 1 if a.dtype.kind == "f" else a for a in self.get_parameters({})]
        return moved, 12, {"loss": 0.5, "note": "fine"}

    def evaluate(self, parameters: Arrays, config: Config) -> tuple[float, int, Mapping[str, Any]]:
        return 0.0, 1, {}


def model() -> torch.nn.Module:
    """Names that are not in ascending order."""
    return torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))


def test_arrays_are_in_the_order_of_the_state_dict() -> None:
    module = model()
    state = state_of(module)
    client = Shift(module)
    ascending = {name: state[name] for name in sorted(state)}
    result = client_training(client, list(state))(ascending, LocalPlan())
    assert result.examples == 12
    assert result.metrics == {"loss": 0.5, "note": "fine"}
    for name, tensor in state.items():
        moved = tensor + 1 if tensor.is_floating_point() else tensor
        assert torch.equal(result.state[name], moved)
        assert result.state[name].dtype == tensor.dtype


def test_the_plan_arrives_as_the_familiar_config() -> None:
    module = model()
    client = Shift(module)
    plan = LocalPlan(3, 16, "sgd", "0.01", 7)
    client_training(client, list(module.state_dict()))(state_of(module), plan)
    expected = {"epochs": 3, "local_epochs": 3, "batch_size": 16, "learning_rate": 0.01, "seed": 7}
    assert {name: client.told[name] for name in expected} == expected


def test_sixteen_bit_brain_floats_pass_through_numpy() -> None:
    state = {"w": torch.tensor([1.5, -2.0], dtype=torch.bfloat16)}
    arrays = arrays_of(state, ["w"])
    assert arrays[0].dtype == np.float32
    assert torch.equal(state_from(arrays, ["w"], state)["w"], state["w"])


def test_t28_arrays_that_do_not_fit_are_refused_by_name() -> None:
    state = {"a": torch.zeros(2, 3), "b": torch.zeros(3)}
    with pytest.raises(AggregationError, match="expected 2 arrays, got 1"):
        state_from([np.zeros((2, 3))], ["a", "b"], state)
    with pytest.raises(AggregationError, match=r"'b': expected the shape \(3,\), got \(1,\)"):
        state_from([np.zeros((2, 3)), np.zeros(1)], ["a", "b"], state)
    with pytest.raises(AggregationError, match="differ in"):
        arrays_of(state, ["a"])


@pytest.mark.parametrize("examples", [0, -3, 1.5, None])
def test_t29_a_client_that_counts_no_examples_is_refused(examples: Any) -> None:
    class Liar(Shift):
        """Says something else of its examples."""

        def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Any]]:
            return parameters, examples, {}

    module = model()
    with pytest.raises(TrainingError, match="positive number of examples"):
        client_training(Liar(module), list(module.state_dict()))(state_of(module), LocalPlan())


def test_a_module_and_data_train_from_the_base_each_time() -> None:
    module = torch.nn.Linear(2, 2)
    base = {"weight": torch.zeros(2, 2), "bias": torch.zeros(2)}
    data = torch.utils.data.TensorDataset(torch.randn(8, 2), torch.tensor([0, 1] * 4))
    training = module_training(module, data)
    once, again = (training(dict(base), LocalPlan()) for _ in range(2))
    assert all(torch.equal(once.state[name], again.state[name]) for name in base)
