"""FedPer, Ditto and IFCA against plain numbers: a few full steps of a linear classifier."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from pseudocode.personal import ditto, fedper, ifca
from torch.utils.data import TensorDataset

from trainer.plan.training_plan import LocalPlan
from trainer.training.personal import ditto_training, ifca_training, private_head_training
from trainer.vectors.clusters import clustered_state, clusters_of
from trainer.vectors.safetensors_files import State, load_safetensors
from trainer.vectors.torch_modules import state_of

COUNT, RATE, STEPS = 24, 0.25, 4
PLAN = LocalPlan(epochs=STEPS, batch_size=COUNT, optimizer="sgd", learning_rate=str(RATE))
Floats = npt.NDArray[np.float64]


def linear(seed: int) -> torch.nn.Module:
    """Weights alone, in binary64."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return torch.nn.Sequential(torch.nn.Linear(4, 3, bias=False)).double()


def stacked(seed: int) -> torch.nn.Module:
    """A linear body under a linear head."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        body, head = torch.nn.Linear(4, 5, bias=False), torch.nn.Linear(5, 3, bias=False)
        return torch.nn.Sequential(body, head).double()


@pytest.fixture
def dataset() -> TensorDataset:
    """As many points as a batch has, so that a step sees them all."""
    points = torch.randn(COUNT, 4, generator=torch.Generator().manual_seed(7)).double()
    return TensorDataset(points, points[:, :3].argmax(1))


def numbers(dataset: TensorDataset) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The points for a twin."""
    return dataset.tensors[0].numpy(), dataset.tensors[1].numpy()


def close(state: State, name: str, expected: Floats) -> None:
    """Equal but for the order of sums."""
    np.testing.assert_allclose(state[name].numpy(), expected, rtol=1e-10, atol=1e-12)


def test_fedper_is_its_paper_s(dataset: TensorDataset, tmp_path: Path) -> None:
    base = state_of(stacked(1))
    train = private_head_training(stacked(2), dataset, ["1.*"], tmp_path / "own", dataset)
    expected_head = base["1.weight"].numpy()
    for _ in range(2):
        result = train(base, PLAN)
        body, expected_head = fedper(
            base["0.weight"].numpy(), expected_head, numbers(dataset), RATE, STEPS
        )
        close(result.state, "0.weight", body)
        close(load_safetensors(tmp_path / "own"), "1.weight", expected_head)


def test_ditto_is_its_paper_s(dataset: TensorDataset, tmp_path: Path) -> None:
    base = state_of(linear(1))
    train = ditto_training(linear(2), dataset, tmp_path / "own", 0.5, dataset)
    own = shared = base["0.weight"].numpy()
    for _ in range(2):
        result = train(base, PLAN)
        update, own = ditto(own, shared, numbers(dataset), RATE, STEPS, 0.5)
        close(result.state, "0.weight", update)
        close(load_safetensors(tmp_path / "own"), "0.weight", own)


def test_ifca_is_its_paper_s(dataset: TensorDataset) -> None:
    models = [state_of(linear(seed)) for seed in (1, 2, 3)]
    result = ifca_training(linear(4), dataset, dataset)(clustered_state(models), PLAN)
    plain = [model["0.weight"].numpy() for model in models]
    best, expected = ifca(plain, numbers(dataset), RATE, STEPS)
    assert result.metrics["cluster"] == best
    found = clusters_of(result.state)
    close(found[best], "0.weight", expected)
    others = [place for place in range(3) if place != best]
    assert all(torch.equal(found[i]["0.weight"], models[i]["0.weight"]) for i in others)
