"""Rounds of our own engine, with signatures, commitments and storage, on a board in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter

import torch
from rounds.measured import LATTICE, PLAN, Measured
from torch.utils.data import TensorDataset

from registry.signing import LocalSigner
from registry.storage import MemoryStore
from trainer import Coordinator, Participant, TermsDocument
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.coordinator.coordinator import RoundResult
from trainer.coordinator.round_loop import RoundPlan
from trainer.documents.version_folders import first_version, read_version
from trainer.engines import run_in_process
from trainer.engines.ray import RayEngine
from trainer.models import SmallCnn
from trainer.ports import BlobStore, RoundContext
from trainer.training.client import Training, module_training
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import state_of

__all__ = ["in_one_process", "on_ray"]

START = 1_800_000_000
Run = Callable[..., RoundResult]


class CountingBlobs(BlobStore):
    """A participant's storage, with a count of what goes through it."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs, self.sent = blobs, 0

    def put_folder(self, folder: Path) -> bytes:
        """Counts and stores a folder."""
        self.sent += folder_size(folder)
        return self._blobs.put_folder(folder)

    def get_folder(self, digest: bytes, destination: Path, limit: int) -> None:
        """Brings a folder and counts it."""
        self._blobs.get_folder(digest, destination, limit)
        self.sent += folder_size(destination)

    def put_bytes(self, data: bytes) -> bytes:
        """Counts and stores bytes."""
        self.sent += len(data)
        return self._blobs.put_bytes(data)

    def get_bytes(self, digest: bytes, limit: int) -> bytes:
        """Returns bytes and counts them."""
        data = self._blobs.get_bytes(digest, limit)
        self.sent += len(data)
        return data


def folder_size(folder: Path) -> int:
    """Returns the bytes of a folder's files."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def shard_training(folder: Path, client: int) -> Training:
    """Makes a client's training where the worker is."""
    torch.set_num_threads(1)
    shard = load_safetensors(folder / f"{client}.safetensors")
    return module_training(SmallCnn(), TensorDataset(shard["images"], shard["labels"]))


def in_one_process(folder: Path, clients: int, rounds: int) -> Measured:
    """Runs rounds whose clients train one after the other."""
    torch.set_num_threads(1)
    trainings = [shard_training(folder, client) for client in range(clients)]
    with tempfile.TemporaryDirectory(dir=folder) as work:
        document = TermsDocument(plan=PLAN)
        return _rounds(Path(work), trainings, rounds, run_in_process, document)


def on_ray(
    folder: Path, clients: int, rounds: int, documents: Sequence[TermsDocument]
) -> list[Measured]:
    """Runs rounds by each document, whose clients train on as many workers as there are cores."""
    found = []
    with RayEngine() as engine:
        for document in documents:
            made = [engine.training(partial(shard_training, folder, i)) for i in range(clients)]
            with tempfile.TemporaryDirectory(dir=folder) as work:
                found.append(_rounds(Path(work), made, rounds, engine.run, document))
    return found


def _rounds(
    work: Path,
    trainings: Sequence[Training],
    rounds: int,
    run: Run,
    document: TermsDocument,
) -> Measured:
    clock, blobs = ManualClock(START), StoreBlobs(MemoryStore())
    ledger, counted = MemoryLedger(clock), CountingBlobs(blobs)
    owner = LocalSigner.from_key(bytes(31) + b"\x01").address
    first_version(work / "first", state_of(SmallCnn()), architecture="small-cnn")
    model_id = ledger.register(owner, "bench", blobs.put_folder(work / "first"))
    board = MemoryBoard(ledger, owner)
    coordinator = Coordinator(RoundContext(board, blobs, clock), work / "coordinator")
    people = []
    for client, training in enumerate(trainings):
        signer = LocalSigner.from_key((client + 2).to_bytes(32, "big"))
        seen = MemoryBoard(ledger, signer.address)
        people.append(
            Participant(RoundContext(seen, counted, clock), signer, training, work / "participants")
        )
    plan = RoundPlan(document, LATTICE, len(people), len(people))
    found = Measured()
    for number in range(1, rounds + 2):
        before, begin = counted.sent, perf_counter()
        terms, document = plan.terms(model_id, number, clock.now())
        result = run(coordinator, people, clock, coordinator.open(terms, document))
        found.seconds.append(perf_counter() - begin)
        found.sent.append(counted.sent - before)
        if result.version is None:
            raise RuntimeError(f"round {number} failed")
    blobs.get_folder(board.versions(model_id)[-1].content_digest, work / "last", 1 << 30)
    found.model = read_version(work / "last")
    return found
