"""Where the demonstration plays, who is in it, by what rules it trains, and what comes of it."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from registry.audit import Report
from registry.config import Settings
from registry.devnet import Network
from registry.errors import ConfigError
from registry.signing import LocalSigner
from trainer.cli.rules import ChosenRules
from trainer.documents.terms_document import TermsDocument
from trainer.execution.combine import check_seats
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenTerms
from trainer.strategies import client_needs, strategy
from trainer.types import Lattice

__all__ = [
    "BUDGET",
    "LATTICE",
    "MODEL",
    "PLAN",
    "SGD_PLAN",
    "DemoPlan",
    "DemoRules",
    "StoryOutcome",
]

MODEL = "chest-digits"
LATTICE = Lattice(bits=16, step_exponent=-15, guard_bits=8)
BUDGET = 100 * 10**18
PLAN = LocalPlan(epochs=4, batch_size=32, learning_rate="0.002")
# Where the strategy's arithmetic is that of plain gradient descent.
SGD_PLAN = LocalPlan(batch_size=32, optimizer="sgd", learning_rate="0.05", steps=120)


@dataclass(frozen=True)
class DemoRules:
    """How rounds are trained, combined and run.

    Args:
        chosen: strategy, aggregator and transforms.
        engine: "local", a process for each hospital, or "ray".
        hidden: whether updates are hidden in sums.
    """

    chosen: ChosenRules
    engine: str = "local"
    hidden: bool = False

    @property
    def minimum(self) -> int | None:
        """The fewest updates of a round; None: all, for a robust rule bears a part of a number."""
        return 2 if self.chosen.aggregator == "mean" else None

    def document(self, evaluation: bytes, seats: int) -> TermsDocument:
        """Returns the rounds' terms document.

        Args:
            evaluation: the digest of the validation set that pays.
            seats: how many take part.

        Raises:
            ConfigError: what was chosen doesn't go together, or not with so many.
        """
        chosen = self.chosen
        if client_needs(chosen.strategy).mixes_among_peers:
            raise ConfigError("gossip: the demonstration has a coordinator; run tally train gossip")
        found = strategy(chosen.strategy, chosen.strategy_parameters)
        plain = client_needs(chosen.strategy).plain_sgd
        document = TermsDocument(
            strategy=chosen.strategy,
            strategy_parameters=chosen.strategy_parameters,
            aggregator=chosen.aggregator,
            aggregator_parameters=chosen.aggregator_parameters,
            scoring="equal" if self.hidden else "leave_one_out",
            plan=replace(SGD_PLAN if plain else PLAN, weight=found.weighting.declares),
            evaluation=evaluation,
            transforms=chosen.transforms,
            hidden=self._hiding(seats) if self.hidden else None,
        )
        check_seats(document, range(self.minimum or seats, seats + 1))
        return document

    @staticmethod
    def _hiding(seats: int) -> HiddenTerms:
        """Returns how updates are hidden: all in one sum, weights that fill 32 bits."""
        degree = seats - 1 + (seats - 1) % 2
        room = (1 << (32 - LATTICE.bits)) // seats
        return HiddenTerms(32, degree, degree // 2 + 1, max(2, seats), room)


@dataclass
class DemoPlan:
    """Where the story plays, and who is in it. The last hospital is the free rider."""

    network: Network
    folder: Path
    mnist: Path
    shards: list[Path]
    rounds: int
    rules: DemoRules
    say: Callable[[str], None]
    owner: LocalSigner = field(default_factory=lambda: LocalSigner.from_key(os.urandom(32)))
    outsider: LocalSigner = field(default_factory=lambda: LocalSigner.from_key(os.urandom(32)))
    hospitals: list[LocalSigner] = field(default_factory=list)

    def settings(self, who: str) -> Settings:
        """Returns the settings of one party; each keeps its state in a folder of its own."""
        state = self.folder / "state" / who
        deployments = self.folder / "deployments"
        return Settings(self.network.rpc, self.network.storage, deployments, state)


@dataclass
class StoryOutcome:
    """What came of it. Amounts in the token's smallest unit, accuracies from 0 to 1."""

    accuracy: list[float] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    shares: list[dict[str, int]] = field(default_factory=list)
    paid: dict[str, int] = field(default_factory=dict)
    update_bytes: int = 0
    version_bytes: int = 0
    refusal: str = ""
    outsider_accuracy: float = 0.0
    report: Report | None = None
    tampered: Report | None = None
    seconds: dict[str, float] = field(default_factory=dict)
