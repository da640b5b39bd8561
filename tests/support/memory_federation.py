"""A small federation on a board in memory: real training, real signatures, real blocks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import final

import torch
from torch.utils.data import TensorDataset

from registry.documents.result import ResultDocument
from registry.signing import LocalSigner
from registry.storage import MemoryStore
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import BlobStore, PublishedVersion, RoundBoard, RoundContext
from trainer.scoring import Evaluate
from trainer.training.client import Training, module_training
from trainer.types import Lattice, RoundTerms, least_forfeit
from trainer.vectors.torch_modules import state_of

START = 1_800_000_000
TOKEN = "0x" + "0" * 39 + "7"
OWNER = LocalSigner.from_key(bytes(31) + b"\x01")
PEOPLE = [LocalSigner.from_key(bytes(31) + bytes([index])) for index in range(11, 18)]


def small_model() -> torch.nn.Module:
    """A classifier of 4 inputs and 3 classes with a normalisation layer: 47 trained values."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(5)
        return torch.nn.Sequential(
            torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3), torch.nn.Linear(3, 3)
        )


def small_data(seed: int, count: int = 40) -> TensorDataset:
    """Points whose class is the largest of the first three coordinates."""
    points = torch.randn(count, 4, generator=torch.Generator().manual_seed(seed))
    return TensorDataset(points, points[:, :3].argmax(1))


@final
class FaultyBlobs(BlobStore):
    """Storage that calls something before it keeps or gives a folder: it may change it or fail."""

    def __init__(
        self,
        blobs: BlobStore,
        before_put: Callable[[Path], None] | None,
        before_get: Callable[[Path], None] | None,
    ) -> None:
        self._blobs, self._before_put, self._before_get = blobs, before_put, before_get

    def put_folder(self, folder: Path) -> bytes:
        """Stores a folder."""
        if self._before_put is not None:
            self._before_put(folder)
        return self._blobs.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder."""
        if self._before_get is not None:
            self._before_get(destination)
        self._blobs.get_folder(digest, destination, limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores bytes."""
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns bytes."""
        return self._blobs.get_bytes(digest, limit)


@dataclass
class Federation:
    """A model on a ledger, with what a coordinator and participants need."""

    work: Path
    clock: ManualClock = field(default_factory=lambda: ManualClock(START))
    store: MemoryStore = field(default_factory=MemoryStore)
    document: TermsDocument = field(
        default_factory=lambda: TermsDocument(plan=LocalPlan(2, 8, "sgd", "0.1", 3))
    )

    owner: LocalSigner = OWNER
    people: tuple[LocalSigner, ...] = tuple(PEOPLE)
    token: str = TOKEN
    start: Callable[[], torch.nn.Module] = small_model

    def __post_init__(self) -> None:
        self.blobs = StoreBlobs(self.store)
        self.ledger = MemoryLedger(self.clock)
        first_version(self.work / "first", state_of(self.start()), architecture="small")
        (self.work / "first" / "README.md").write_text("# A model card\n")
        first_version(self.work / "first", state_of(self.start()), architecture="small")
        digest = self.blobs.put_folder(self.work / "first")
        self.model_id = self.ledger.register(OWNER.address, "small", digest)

    def terms(self, **changes: object) -> RoundTerms:
        """Terms for three participants."""
        now = self.clock.now()
        terms = RoundTerms(
            model_id=self.model_id,
            base_version=1,
            strategy="fedavg",
            document_digest=self.document.digest,
            lattice=Lattice(16, -12, 8),
            enrolment_deadline=now + 100,
            commit_deadline=now + 200,
            reveal_deadline=now + 300,
            proposal_deadline=now + 400,
            challenge_window=50,
            minimum_participants=2,
            maximum_participants=3,
            weight_cap=1_000,
            reward_token=TOKEN,
            reward_budget=1_000_000,
            forfeit=least_forfeit(1_000_000, 3),
        )
        budget = changes.get("reward_budget", terms.reward_budget)
        seats = changes.get("maximum_participants", terms.maximum_participants)
        changes = {"forfeit": least_forfeit(budget, seats), **changes}  # type: ignore[arg-type]
        return replace(terms, **changes)  # type: ignore[arg-type]

    def model(self) -> torch.nn.Module:
        """The classifier as it is at first."""
        return self.start()

    def data(self, seed: int, count: int = 40) -> TensorDataset:
        """Points with their classes."""
        return small_data(seed, count)

    def points(self, seed: int, count: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
        """Points, shape (count, 4), and their classes, shape (count,)."""
        points, classes = small_data(seed, count).tensors
        return points, classes

    def honest(self, index: int) -> Training:
        """What participant `index` does with its points."""
        return module_training(small_model(), small_data(index, 40 + 10 * index))

    def board(self, signer: LocalSigner = OWNER) -> MemoryBoard:
        """The board as an account sees it."""
        return MemoryBoard(self.ledger, signer.address)

    def faulty(
        self,
        before_put: Callable[[Path], None] | None = None,
        before_get: Callable[[Path], None] | None = None,
    ) -> FaultyBlobs:
        """The storage with a fault between it and its user."""
        return FaultyBlobs(self.blobs, before_put, before_get)

    def coordinator(
        self, name: str = "c", evaluate: Evaluate | None = None, blobs: BlobStore | None = None
    ) -> Coordinator:
        """The owner's coordinator; another name gives one with an empty work folder."""
        return Coordinator(
            RoundContext(self.board(), blobs or self.blobs, self.clock),
            self.work / name,
            evaluate=evaluate,
        )

    def participant(
        self,
        index: int,
        training: Training | None = None,
        blobs: BlobStore | None = None,
        board: RoundBoard | None = None,
    ) -> Participant:
        """Participant 0 to 6, who trains on its own points."""
        signer = self.people[index]
        return Participant(
            RoundContext(board or self.board(signer), blobs or self.blobs, self.clock),
            signer,
            training or self.honest(index),
            self.work / "p",
        )

    def round(
        self,
        participants: Sequence[Participant],
        terms: RoundTerms | None = None,
        evaluate: Evaluate | None = None,
    ) -> RoundResult:
        """Runs a round to its end."""
        coordinator = self.coordinator(evaluate=evaluate)
        round_id = coordinator.open(terms or self.terms(), self.document)
        return run_in_process(coordinator, participants, self.clock, round_id)


def document_of(result: RoundResult) -> ResultDocument:
    """Returns the document of a round that came to something."""
    assert result.document is not None, result.obstacle
    return result.document


def published_by(result: RoundResult) -> PublishedVersion:
    """Returns the version of a round that came to something."""
    assert result.version is not None, result.obstacle
    return result.version
