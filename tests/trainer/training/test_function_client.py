"""A function `train(model, data)` and a module take part without a class."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from registry.errors import ConfigError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client_choice import ClientChoice

SOURCE = """
import torch


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.nn.Linear(2, 3)


net = Net()
number = 7


def make():
    return Net()


def broken():
    raise ValueError("no weights")


def train(model, data):
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.add_(1.0)
    return int(data.read_text())


def with_config(model, data, config):
    return 5, {"rate": config["learning_rate"]}


def forgetful(model, data):
    return {"loss": 1.0}
"""


@pytest.fixture
def code(tmp_path: Path) -> Iterator[Path]:
    """A file of code; what was imported is forgotten."""
    before, paths = set(sys.modules), list(sys.path)
    (tmp_path / "own_functions.py").write_text(SOURCE)
    (tmp_path / "data.txt").write_text("12")
    yield tmp_path / "own_functions.py"
    sys.path[:] = paths
    for name in set(sys.modules) - before:
        del sys.modules[name]


def choice(code: Path, train: str, model: str) -> ClientChoice:
    """What a command line names."""
    data = code.with_name("data.txt")
    return ClientChoice(f"{code}:{train}", data, model=f"{code}:{model}")


@pytest.mark.parametrize("model", ["Net", "net", "make"])
def test_it_trains_from_the_base_and_returns_what_the_module_became(code: Path, model: str) -> None:
    base = {"linear.weight": torch.full((3, 2), 0.5), "linear.bias": torch.zeros(3)}
    result = choice(code, "train", model).training(code.parent)(base, LocalPlan())
    assert result.examples == 12
    assert torch.equal(result.state["linear.weight"], torch.full((3, 2), 1.5))
    assert torch.equal(result.state["linear.bias"], torch.ones(3))
    assert torch.equal(base["linear.bias"], torch.zeros(3))


def test_a_third_argument_is_the_config_and_metrics_are_told(code: Path) -> None:
    base = {"linear.weight": torch.zeros(3, 2), "linear.bias": torch.zeros(3)}
    training = choice(code, "with_config", "Net").training(code.parent)
    result = training(base, LocalPlan(learning_rate="0.25"))
    assert (result.examples, result.metrics) == (5, {"rate": 0.25})


def test_a_function_that_returns_no_number_is_told_what_to_return(code: Path) -> None:
    base = {"linear.weight": torch.zeros(3, 2), "linear.bias": torch.zeros(3)}
    training = choice(code, "forgetful", "Net").training(code.parent)
    with pytest.raises(TrainingError, match="expected an int, got dict; return the number of ex"):
        training(base, LocalPlan())


@pytest.mark.parametrize(
    ("train", "model", "says"),
    [
        ("train", "number", "expected a torch.nn.Module, its class, or a function"),
        ("train", "broken", r"ValueError: no weights \(.*own_functions.py:20\)"),
        ("train", "nothing", "has no attribute 'nothing'"),
        ("Net", "Net", r"with --model expected a function train\(model, data\)"),
    ],
)
def test_what_is_wrong_is_one_line(code: Path, train: str, model: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        choice(code, train, model).training(code.parent)
