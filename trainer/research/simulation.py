"""Rounds without chain, storage or signatures, for research: everything else is as in real rounds.

Participants are drawn, train, put their updates on the lattice, and a round comes to what
`trainer.execution.execute` makes of them, so that a strategy or a rule that was studied here does
the same in a round that is conducted. Terms that say `hidden` get masks and groups likewise. Equal
arguments give equal figures on one thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import perf_counter

import numpy as np
import torch
from torch.utils.data import Dataset

from registry.errors import ConfigError
from trainer.coordinator.federation_options import FederationOptions
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_files import stored_size
from trainer.execution.execute import Outcome, execute, layout_of
from trainer.execution.round_inputs import RoundInputs
from trainer.plan.training_plan import in_round
from trainer.research.hidden_simulation import DropOuts, hidden_outcome
from trainer.strategies import (
    CONTROL_VARIATE,
    ServerMemory,
    client_control_variate,
    client_needs,
    staleness_weight,
)
from trainer.training.client import Correctable, module_training
from trainer.training.local_training import LocalResult
from trainer.transforms import sent_update, transforms
from trainer.types import AcceptedUpdate, FloatVector, IntVector, Lattice, RoundTerms
from trainer.vectors.lattice import dequantize
from trainer.vectors.layout import Layout, difference, in_parameters, unflatten
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import load_into, state_of

__all__ = ["Attack", "RoundFigures", "Simulation"]

Attack = Callable[[Sequence[FloatVector], FloatVector], FloatVector]
"""What an attacker sends, in real numbers: from the honest updates of the round, and its own."""


@dataclass(frozen=True)
class RoundFigures:
    """One round: accuracy and loss (nats) on the test set, wall seconds, how many were left out.

    `sent` is the mean size of an update's values as they are stored, in bytes; `lost` how many
    hidden updates are in no sum.
    """

    number: int
    accuracy: float
    loss: float
    seconds: float
    excluded: int
    sent: int
    lost: int = 0


@dataclass(frozen=True, eq=False)
class _Made:
    outcome: Outcome | None
    sent: int
    lost: int


@dataclass
class Simulation:
    """A federation in one process.

    Args:
        module: trained in place; its tensors at first are the first version.
        clients: each participant's examples, pairs of (input, integer label).
        test: inputs, shape (n, …), and labels, shape (n,).
        document: strategy, aggregator and plan; no scoring takes place.
        lattice: how updates become integers.
        options: how many take part in a round.
        seed: of the draws of participants and of what transforms draw; the order of examples is by
            the plan's, as in real rounds (R-13).
        attackers: what some participants send instead, by place.
        behind: how many versions lie between what a participant trains from and the newest, by
            place; for fedbuff, whose rounds take such updates.
        dropouts: who takes a seat and sends nothing.

    Raises:
        ConfigError: somebody is behind in a round that takes only the newest version.
    """

    module: torch.nn.Module
    clients: Sequence[Dataset[tuple[torch.Tensor, ...]]]
    test: tuple[torch.Tensor, torch.Tensor]
    document: TermsDocument
    lattice: Lattice
    options: FederationOptions
    seed: int = 0
    attackers: Mapping[int, Attack] = field(default_factory=dict)
    behind: Mapping[int, int] = field(default_factory=dict)
    dropouts: DropOuts = field(default_factory=DropOuts)

    def __post_init__(self) -> None:
        if self.behind and not client_needs(self.document.strategy).buffers:
            raise ConfigError(f"{self.document.strategy} takes no update from an older version")
        self._memory: ServerMemory = {}
        self._controls: dict[str, FloatVector] = {}
        self._kept: dict[str, Mapping[str, FloatVector]] = {}
        self._names = {f"0x{place + 1:040x}": place for place in range(len(self.clients))}

    def run(self, rounds: int) -> Iterator[RoundFigures]:
        """Yields the figures of one round after another; one without an update changes nothing."""
        base = state_of(self.module)
        bases = deque([base], maxlen=1 + max(self.behind.values(), default=0))
        for number in range(1, rounds + 1):
            start = perf_counter()
            drawn = self.options.sample(self._names, number, self.seed)
            places = {who: self._names[who] for who in drawn}
            gone = self.dropouts.of(number, places, self.seed)
            present = [who for who in drawn if who not in gone]
            updates = self._updates(bases, layout_of(base, self.document), number, present)
            made = self._made(base, updates, gone, number)
            if made.outcome is not None:
                base, self._memory = made.outcome.tensors, made.outcome.memory
            bases.append(base)
            accuracy, loss = self._measured(base)
            left_out = 0 if made.outcome is None else len(made.outcome.excluded)
            seconds = perf_counter() - start
            yield RoundFigures(number, accuracy, loss, seconds, left_out, made.sent, made.lost)

    def _made(
        self, base: State, updates: list[AcceptedUpdate], gone: Collection[str], number: int
    ) -> _Made:
        if not updates:
            return _Made(None, 0, 0)
        document = self.document
        terms = RoundTerms(
            *(bytes(32), 1, document.strategy, document.digest, self.lattice),
            *(1, 2, 3, 4, 5, 1, len(self.clients)),
        )
        inputs = RoundInputs.under(terms, document, base, updates, self._memory)
        if document.hidden is None:
            sent = sum(stored_size(update.vector) for update in updates) // len(updates)
            return _Made(execute(inputs), sent, 0)
        seed = f"{self.seed} {number}"
        found = hidden_outcome(inputs, document.hidden, terms, gone, seed)
        outcome = None if found.made is None else found.made.outcome
        return _Made(outcome, found.sent, found.lost)

    def _updates(
        self, bases: Sequence[State], layout: Layout, number: int, drawn: Sequence[str]
    ) -> list[AcceptedUpdate]:
        late = {who: min(self.behind.get(self._names[who], 0), len(bases) - 1) for who in drawn}
        trained, moved = {}, {}
        for who in drawn:
            start = bases[-1 - late[who]]
            trained[who] = self._trained(who, start, layout, number)
            moved[who] = difference(trained[who].state, start, layout)
        honest = [moved[who] for who in drawn if self._names[who] not in self.attackers]
        found = []
        for who in drawn:
            attack = self.attackers.get(self._names[who])
            sent = moved[who] if attack is None else attack(honest, moved[who])
            vector = self._put(who, sent, number)
            self._remember(who, layout, vector)
            weight = self._declared(trained[who], late[who])
            found.append(AcceptedUpdate(who, bytes(32), bytes(32), weight, vector))
        return found

    def _put(self, who: str, update: FloatVector, number: int) -> IntVector:
        chain = transforms(self.document.transforms)
        key = sha256(f"{self.seed} {number} {who}".encode()).digest()
        sent = sent_update(update, chain, self.lattice, self._kept.get(who), key)
        self._kept[who] = sent.memory
        return sent.vector

    def _trained(self, who: str, base: State, layout: Layout, number: int) -> LocalResult:
        plan = in_round(self.document.plan, number)
        training = module_training(self.module, self.clients[self._names[who]])
        copies = {name: tensor.clone() for name, tensor in base.items()}
        if not client_needs(self.document.strategy).control_variates:
            return training(copies, plan)
        zeros = np.zeros(layout.length)
        drift = self._memory.get(CONTROL_VARIATE, zeros) - self._controls.get(who, zeros)
        drift /= plan.steps * float(plan.learning_rate)
        if not isinstance(training, Correctable):
            raise ConfigError("scaffold needs a training that can be steered")
        return training.corrected(copies, plan, unflatten(drift, layout))

    def _remember(self, who: str, layout: Layout, vector: IntVector) -> None:
        if client_needs(self.document.strategy).control_variates:
            zeros = np.zeros(layout.length)
            before, shared = (
                self._controls.get(who, zeros),
                self._memory.get(CONTROL_VARIATE, zeros),
            )
            moved = in_parameters(dequantize(vector, self.lattice), layout)
            self._controls[who] = client_control_variate(before, shared, moved)

    def _declared(self, result: LocalResult, late: int) -> int:
        if result.base_loss is not None:
            return max(1, round(result.base_loss * 1_000))
        stale = self.document.plan.weight == "staleness"
        return staleness_weight(late) if stale else result.examples

    def _measured(self, state: State) -> tuple[float, float]:
        inputs, labels = self.test
        load_into(self.module, state)
        self.module.eval()
        right, total = 0, 0.0
        with torch.no_grad():
            for at in range(0, len(labels), 500):
                part = slice(at, at + 500)
                logits = self.module(inputs[part])
                right += int((logits.argmax(1) == labels[part]).sum())
                loss = torch.nn.functional.cross_entropy(logits, labels[part], reduction="sum")
                total += float(loss)
        return right / len(labels), total / len(labels)
