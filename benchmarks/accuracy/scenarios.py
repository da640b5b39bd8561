"""What a run of `bench_accuracy` is: data and how they are split, model, rules, attackers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import torch
from accuracy.attackers import ATTACKS, POISONS, seen_with_trigger
from accuracy.data import DATA

from trainer.coordinator.federation_options import FederationOptions
from trainer.documents.terms_document import TermsDocument
from trainer.models import CharacterLstm, FedAvgCnn, SmallCnn
from trainer.research.simulation import RoundFigures, Simulation
from trainer.types import Lattice

# What moves by more than a whole in a round needs coarser steps.
LATTICES = {"mnist": Lattice(16, -15, 8), "plays": Lattice(16, -13, 8)}
MODELS: dict[str, Callable[[], torch.nn.Module]] = {
    "cnn": FedAvgCnn,
    "small": SmallCnn,
    "lstm": CharacterLstm,
}
SMOKE = 20


@dataclass(frozen=True)
class Scenario:
    """One run; `name` is the table's row.

    `split` is "iid", "shards" or a Dirichlet parameter for MNIST, "iid" or "speakers" for plays;
    `late` is how many versions back the latest participants train from, the others evenly less.
    Under a backdoor it is the images with its trigger that are measured on. Without a lattice it
    is that of the data.
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
    late: int = 0
    lattice: Lattice | None = None

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
        least = max(1, int(self.fraction * self.clients))
        options = FederationOptions(
            fraction_fit=self.fraction,
            min_fit_clients=least,
            min_available_clients=self.clients,
        )
        cut = (self.clients, self.split, self.examples, self.tested, self.seed)
        parts, test = DATA[self.data](*cut)
        if self.attack == "backdoor":
            test = seen_with_trigger(test)
        attackers = {}
        if self.attack in POISONS:
            parts = POISONS[self.attack](parts, self.malicious)
        else:
            made = ATTACKS[self.attack](self.malicious)
            attackers = dict.fromkeys(range(self.malicious), made)
        plan = replace(self.document.plan, seed=self.seed)
        return Simulation(
            module,
            parts,
            test,
            replace(self.document, plan=plan),
            self.lattice or LATTICES[self.data],
            options,
            self.seed,
            attackers,
            {place: place % (self.late + 1) for place in range(self.clients)} if self.late else {},
        ).run(rounds)
