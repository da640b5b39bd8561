"""A round of our own whose trainings return drawn tensors: what its steps cost besides training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from time import perf_counter, process_time

import torch

from registry.signing import LocalSigner
from registry.storage import LocalStore
from trainer import Coordinator, Participant, TermsDocument
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.coordinator.round_loop import RoundPlan
from trainer.documents.version_folders import first_version
from trainer.plan.training_plan import LocalPlan
from trainer.ports import RoundContext
from trainer.protocol.actions import RoundStep, coordinator_actions
from trainer.training.local_training import LocalResult
from trainer.types import Lattice
from trainer.vectors.safetensors_files import State

__all__ = ["LATTICE", "Spent", "StepTimes", "drawn_state", "measured", "one_round"]

LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
START = 1_800_000_000


@dataclass(frozen=True)
class Spent:
    """Wall and processor seconds."""

    wall: float
    processor: float

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.wall - other.wall, self.processor - other.processor)


def measured(work: Callable[[], object]) -> Spent:
    """Runs something once."""
    wall, processor = perf_counter(), process_time()
    work()
    return Spent(perf_counter() - wall, process_time() - processor)


@dataclass
class StepTimes:
    """What the coordinator's proposal took, and each participant's commitment without training."""

    coordinator: list[Spent] = field(default_factory=list)
    participants: list[Spent] = field(default_factory=list)


def drawn_state(values: int, tensors: int) -> State:
    """Returns so many tensors of binary32, of so many values in all."""
    draw = torch.Generator().manual_seed(tensors)
    sizes = [values // tensors + (i < values % tensors) for i in range(tensors)]
    return {f"layer.{i:03}": torch.randn(s, generator=draw) / 8 for i, s in enumerate(sizes)}


class DrawnTraining:
    """Moves each value by some steps of the lattice, and says what that took."""

    def __init__(self, seed: int) -> None:
        self._seed, self.spent = seed, Spent(0, 0)

    def __call__(self, base: State, plan: LocalPlan) -> LocalResult:
        """Returns the moved tensors."""
        found: list[State] = []
        self.spent = measured(lambda: found.append(self._moved(base)))
        return LocalResult(found[0], 100 + self._seed, {"loss": 1.0})

    def _moved(self, base: State) -> State:
        draw = torch.Generator().manual_seed(self._seed)
        for tensor in base.values():
            tensor += torch.randn(tensor.shape, generator=draw) / 32
        return base


def one_round(
    work: Path,
    base: State,
    clients: int,
    around: Callable[[Callable[[], object]], object] = lambda step: step(),
    document: TermsDocument | None = None,
) -> StepTimes:
    """Runs a round on a board in memory and a store on the disk.

    Args:
        work: a folder.
        base: the first version.
        clients: how many take part.
        around: runs the coordinator's proposal: a profiler, for instance.
        document: the round's.
    """
    clock, blobs = ManualClock(START), StoreBlobs(LocalStore(work / "store"))
    ledger = MemoryLedger(clock)
    owner = LocalSigner.from_key(bytes(31) + b"\x01").address
    first_version(work / "first", base, architecture="drawn")
    model_id = ledger.register(owner, "bench", blobs.put_folder(work / "first"))
    board = MemoryBoard(ledger, owner)
    coordinator = Coordinator(RoundContext(board, blobs, clock), work / "coordinator")
    trainings = [DrawnTraining(i) for i in range(clients)]
    people = []
    for client, training in enumerate(trainings):
        signer = LocalSigner.from_key((client + 2).to_bytes(32, "big"))
        seen = MemoryBoard(ledger, signer.address)
        people.append(
            Participant(RoundContext(seen, blobs, clock), signer, training, work / "people")
        )
    plan = RoundPlan(document or TermsDocument(), LATTICE, clients, clients)
    round_id = coordinator.open(*plan.terms(model_id, 1, clock.now()))
    found, proposing = StepTimes(), False
    while not proposing:
        for person, training in zip(people, trainings, strict=True):
            training.spent = Spent(0, 0)
            whole = measured(partial(person.step, round_id))
            if training.spent.wall:
                found.participants.append(whole - training.spent)
        action = coordinator_actions(board.state(round_id), clock.now())[0]
        proposing = action.step is RoundStep.PROPOSE
        clock.wait_until(min(action.until, clock.now() + 60))
    found.coordinator.append(measured(lambda: around(lambda: coordinator.step(round_id))))
    return found
