"""What a run of `bench_accuracy` is: data and how they are split, model, rules, attackers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
import torch
from accuracy.data import DATA

from trainer.attacks import inner_product_manipulation, little_is_enough, min_max
from trainer.federation import FederationOptions
from trainer.models import CharacterLstm, FedAvgCnn, SmallCnn
from trainer.simulation import Attack, RoundFigures, Simulation
from trainer.terms_document import TermsDocument
from trainer.types import Lattice

# What moves by more than a whole in a round needs coarser steps.
LATTICES = {"mnist": Lattice(16, -15, 8), "plays": Lattice(16, -13, 8)}
MODELS: dict[str, Callable[[], torch.nn.Module]] = {
    "cnn": FedAvgCnn,
    "small": SmallCnn,
    "lstm": CharacterLstm,
}
SMOKE = 20


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
    """One run; `name` is the table's row.

    `split` is "iid", "shards" or a Dirichlet parameter for MNIST, "iid" or "speakers" for plays.
    """

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
    tested: int = 10_000
    data: str = "mnist"

    def smaller(self) -> Scenario:
        """Returns the same on a twentieth of the examples, to see that it runs."""
        plan = self.document.plan
        document = replace(self.document, plan=replace(plan, steps=-(-plan.steps // SMOKE)))
        parts = {"examples": self.examples // SMOKE, "tested": self.tested // SMOKE}
        return replace(self, document=document, **parts)

    def run(self, rounds: int) -> Iterator[RoundFigures]:
        """Yields the figures of the rounds."""
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
        cut = (self.clients, self.split, self.examples, self.tested, self.seed)
        parts, test = DATA[self.data](*cut)
        return Simulation(
            module,
            parts,
            test,
            self.document,
            LATTICES[self.data],
            options,
            self.seed,
            dict.fromkeys(range(self.malicious), made),
        ).run(rounds)
