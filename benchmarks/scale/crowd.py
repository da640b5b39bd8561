"""A round of many on the board in memory: real signatures, documents and folders, tiny updates."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from registry.documents.parts import document_digest
from registry.signing import LocalSigner
from registry.storage import MemoryStore
from trainer.adapters import FolderMailbox, ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import first_version
from trainer.engines import run_in_process
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.ports import BlobStore, RoundContext
from trainer.training.local_training import LocalResult
from trainer.types import Lattice, RoundTerms, least_forfeit
from trainer.vectors.safetensors_files import State
from trainer.vectors.torch_modules import state_of

__all__ = ["CountedBlobs", "CountedBoard", "Crowd", "Measured"]

_OWNER = LocalSigner.from_key(bytes(31) + b"\x01")
_TOKEN = "0x" + "0" * 39 + "7"


class CountedBoard(MemoryBoard):
    """The board in memory; counts what is asked of it."""

    def __init__(self, ledger: MemoryLedger, account: str, calls: Counter[str]) -> None:
        super().__init__(ledger, account)
        self._calls = calls

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if callable(found) and not name.startswith("_"):
            self._calls[name] += 1
        return found


class CountedBlobs(BlobStore):
    """Storage; counts what is asked of it."""

    def __init__(self, blobs: BlobStore, calls: Counter[str]) -> None:
        self._blobs, self._calls = blobs, calls

    def put_folder(self, folder: Path) -> bytes:
        """Stores a folder."""
        self._calls["put_folder"] += 1
        return self._blobs.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder."""
        self._calls["get_folder"] += 1
        self._blobs.get_folder(digest, destination, limit)

    def put_bytes(self, data: bytes) -> bytes:
        """Stores a document."""
        self._calls["put_bytes"] += 1
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns a document."""
        self._calls["get_bytes"] += 1
        return self._blobs.get_bytes(digest, limit)


@dataclass(frozen=True)
class Measured:
    """What a round of so many took.

    Args:
        participants: how many handed in.
        accepted: how many updates count in its result.
        seconds: of CPU, all parties together.
        document: bytes of the result document.
        batches: how many were posted.
        board: calls of the board, participants and coordinator.
        blobs: calls of the storage.
    """

    participants: int
    accepted: int
    seconds: float
    document: int
    batches: int
    board: int
    blobs: int


def _nudged(seed: int) -> Any:
    """Returns a training that moves each value by its participant's own small step."""

    def train(base: State, plan: LocalPlan) -> LocalResult:
        moved = {name: value + (seed % 7 + 1) / 64 for name, value in base.items()}
        return LocalResult(moved, 1 + seed % 5, {})

    return train


class Crowd:
    """A model and its coordinator, with participants that hand in to be batched.

    Args:
        work: an empty folder.
        count: how many participants.
    """

    def __init__(self, work: Path, count: int) -> None:
        self._work, self._count = work, count
        self.clock = ManualClock(1_800_000_000)
        self.ledger = MemoryLedger(self.clock)
        self.board_calls: Counter[str] = Counter()
        self.blob_calls: Counter[str] = Counter()
        self.blobs = CountedBlobs(StoreBlobs(MemoryStore()), self.blob_calls)
        self.document = TermsDocument(plan=LocalPlan(1, 8, "sgd", "0.1", 3))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(5)
            model = torch.nn.Linear(4, 2)
        first_version(work / "first", state_of(model), architecture="tiny")
        digest = self.blobs.put_folder(work / "first")
        self.model_id = self.ledger.register(_OWNER.address, "tiny", digest)
        (work / "mail").mkdir()
        self.mailbox = FolderMailbox(work / "mail")

    def terms(self) -> RoundTerms:
        """Terms with a seat for everybody."""
        now = self.clock.now()
        return RoundTerms(
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
            maximum_participants=self._count,
            weight_cap=1_000,
            reward_token=_TOKEN,
            reward_budget=10**24,
            forfeit=least_forfeit(10**24, self._count),
        )

    def participant(self, index: int) -> Participant:
        """Returns a participant with a key of its own."""
        signer = LocalSigner.from_key((10_000 + index).to_bytes(32, "big"))
        board = CountedBoard(self.ledger, signer.address, self.board_calls)
        context = RoundContext(board, self.blobs, self.clock)
        parts = context, signer, _nudged(index), self._work / "p"
        return Participant(*parts, mailbox=self.mailbox)

    def run(self) -> Measured:
        """Runs the round to its end."""
        board = CountedBoard(self.ledger, _OWNER.address, self.board_calls)
        context = RoundContext(board, self.blobs, self.clock)
        coordinator = Coordinator(context, self._work / "c", mailbox=self.mailbox)
        people = [self.participant(index) for index in range(self._count)]
        began = time.process_time()
        round_id = coordinator.open(self.terms(), self.document)
        result: RoundResult = run_in_process(coordinator, people, self.clock, round_id)
        seconds = time.process_time() - began
        if result.document is None:
            raise SystemExit("the round came to nothing")
        text = result.document.to_json()
        if self.blobs.get_bytes(document_digest(text), len(text)) != text:
            raise SystemExit("the result document isn't in storage")
        return Measured(
            self._count,
            len(result.document.accepted),
            seconds,
            len(text),
            len(board.state(round_id).batches),
            sum(self.board_calls.values()),
            sum(self.blob_calls.values()),
        )
