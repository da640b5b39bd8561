"""Classes written for Flower's NumPyClient, as its tutorials write them, train here unchanged."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from registry.errors import ConfigError, TrainingError
from trainer.plan.training_plan import LocalPlan
from trainer.training.client import client_training
from trainer.training.client_loading import load_client, load_training, names_of
from trainer.vectors.torch_modules import state_of

APP = """
from collections import OrderedDict
from flwr.client import NumPyClient
import numpy as np
import torch

asked = []


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.second = torch.nn.Linear(2, 3)
        self.first = torch.nn.BatchNorm1d(3)


class Own(NumPyClient):
    def __init__(self, data):
        self.data, self.net = data, Net()
        self.criterion = torch.nn.CrossEntropyLoss()

    def get_parameters(self, config):
        asked.append("get_parameters")
        return [value.cpu().numpy() for value in self.net.state_dict().values()]

    def set_weights(self, parameters):
        pairs = zip(self.net.state_dict().keys(), parameters)
        state = OrderedDict({name: torch.tensor(array) for name, array in pairs})
        self.net.load_state_dict(state, strict=True)

    def fit(self, parameters, config):
        self.set_weights(parameters)
        self.told = dict(config)
        moved = [a + 1 if a.dtype.kind == "f" else a for a in map(np.copy, parameters)]
        metrics = {"loss": np.float32(0.5), "rounds": np.int64(3), "note": "fine", "raw": b"\\x01"}
        return moved, np.int64(12), metrics

    def evaluate(self, parameters, config):
        return 1.25, 12, {"accuracy": 0.5}


class Two:
    def __init__(self, data):
        self.model = Net()

    def fit(self, parameters, config):
        return parameters, 4, {}

    def evaluate(self, parameters, config):
        return 0.5, 4, {}


net = Net()


class WithGlobals(NumPyClient):
    def fit(self, parameters, config):
        return parameters, 7, {}


class Pair(Two):
    def __init__(self, data):
        self.model, self.teacher = Net(), Net()


class Named(Pair):
    parameter_names = list(Net().state_dict())


class Unfit(NumPyClient):
    fit = None


class OnlyFit:
    def __init__(self, data):
        self.model = Net()

    def fit(self, parameters, config):
        return self.answer


number = 7
"""


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The module of the app, importable from the working folder alone."""
    (tmp_path / "flower_class_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield importlib.import_module("flower_class_app")
    sys.modules.pop("flower_class_app")


def trained(app: Any, name: str, plan: LocalPlan | None = None) -> Any:
    """What a class makes of a base version."""
    training = load_training(f"flower_class_app:{name}", Path("data"))
    return training(state_of(app.Net()), plan or LocalPlan())


def test_a_subclass_of_flower_s_numpy_client_trains(app: Any) -> None:
    result = trained(app, "Own")
    assert result.examples == 12
    assert result.metrics == {"loss": 0.5, "rounds": 3.0, "note": "fine", "raw": "01"}
    assert result.base_loss is None
    assert app.asked == []
    for name, tensor in state_of(app.Net()).items():
        assert result.state[name].shape == tensor.shape
        assert result.state[name].dtype == tensor.dtype


def test_arrays_are_in_the_order_of_the_state_dict_and_the_plan_is_the_config(app: Any) -> None:
    client: Any = load_client("flower_class_app:Own", Path("data"))
    base = state_of(client.net)
    ascending = {name: base[name] for name in sorted(base)}
    result = client_training(client, names_of(client))(ascending, LocalPlan(epochs=3))
    for name, tensor in base.items():
        moved = tensor + 1 if tensor.is_floating_point() else tensor
        assert torch.equal(result.state[name], moved)
    assert client.told["epochs"] == 3
    assert client.data == Path("data")


def test_a_loss_is_asked_for_where_it_weighs(app: Any) -> None:
    plan = LocalPlan(weight="loss")
    assert trained(app, "Own", plan).base_loss == 1.25
    assert trained(app, "Two", plan).base_loss == 0.5
    with pytest.raises(TrainingError, match="has no evaluate; give it one"):
        trained(app, "OnlyFit", plan)


def test_fit_and_evaluate_are_enough(app: Any) -> None:
    assert trained(app, "Two").examples == 4


def test_a_class_may_keep_its_model_and_data_beside_it(app: Any) -> None:
    assert trained(app, "WithGlobals").examples == 7
    assert names_of(app.WithGlobals()) == list(app.net.state_dict())


def test_names_are_asked_for_where_two_models_leave_them_open(app: Any) -> None:
    with pytest.raises(ConfigError, match=r"one torch module.*got 2; give it an attribute"):
        trained(app, "Pair")
    assert trained(app, "Named").examples == 4


@pytest.mark.parametrize("name", ["Unfit", "number", "Nobody"])
def test_what_cannot_train_is_refused(app: Any, name: str) -> None:
    with pytest.raises(ConfigError, match=f"--client flower_class_app:{name}: "):
        load_client(f"flower_class_app:{name}", Path("data"))


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (None, r"expected \(arrays, number of examples, metrics\), got NoneType"),
        (([], 3), "got tuple; return these three"),
        (([], True, {}), "positive number of examples, got True"),
        (([], 2.0, {}), "positive number of examples, got 2.0"),
        ((None, 3, {}), "a list of arrays and a dictionary of metrics, got NoneType and dict"),
        (([], 3, None), "got list and NoneType"),
    ],
)
def test_a_fit_that_returns_something_else_is_told_what_is_expected(
    app: Any, answer: Any, says: str
) -> None:
    client: Any = load_client("flower_class_app:OnlyFit", Path("data"))
    client.answer = answer
    training = client_training(client, names_of(client))
    with pytest.raises(TrainingError, match=says):
        training(state_of(app.Net()), LocalPlan())


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("raise ValueError('no\\nsuch shard')", "ValueError: no such shard"),
        ("raise ImportError", "ImportError"),
        ("{}['labels']", "KeyError: 'labels'"),
    ],
)
def test_a_constructor_that_raises_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, says: str
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    text = f"class Ctor:\n    def __init__(self, data):\n        {line}\n    def fit(self): ...\n"
    (tmp_path / "raising_app.py").write_text(text)
    monkeypatch.delitem(sys.modules, "raising_app", raising=False)
    importlib.invalidate_caches()
    with pytest.raises(ConfigError) as refused:
        load_client("raising_app:Ctor", Path("data"))
    place = f"({tmp_path / 'raising_app.py'}:3)"
    remedy = "is --data data what it reads?"
    assert str(refused.value) == f"--client raising_app:Ctor: {says} {place}; {remedy}"
    monkeypatch.delitem(sys.modules, "raising_app")


def test_a_module_that_raises_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    (tmp_path / "broken_app.py").write_text("1 / 0\n")
    importlib.invalidate_caches()
    with pytest.raises(ConfigError, match=r"^--client broken_app:Own: ZeroDivisionError: division"):
        load_client("broken_app:Own", Path("data"))
