"""Four data owners fine-tune MiniLM together: who speaks?

    python examples/minilm_lora.py [--model .data/minilm] [--plays .data/shakespeare]
        [--speeches N] [--rounds N]

The base model is a version of its own, and stays as it is. What is trained, signed, sent and
published are adapters of rank 8 and a small head: less than 2 % of the base's bytes. What the
owners have is unlike: one has most of Hamlet's speeches, another most of Macbeth's. `make data`
fetches the model and the plays. The board is in memory, and a round's terms are those of a chain.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import torch
from peft import LoraConfig
from torch.utils.data import Subset, TensorDataset

from registry.errors import TrainingError
from registry.signing import LocalSigner
from registry.storage import LocalStore
from trainer import Coordinator, Lattice, LocalPlan, Participant, TermsDocument
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.coordinator.round_loop import RoundPlan
from trainer.data import read_speeches, split_by_dirichlet
from trainer.documents.version_folders import MANIFEST, MODEL_FILE, first_version
from trainer.engines import run_in_process
from trainer.fine_tuning import (
    AdaptedClassifier,
    BaseReference,
    adapted,
    adapter_training,
    first_adapter_version,
    load_adapted,
    read_base,
    tokenised,
)
from trainer.fine_tuning.adapter_document import AdapterDocument
from trainer.ports import RoundContext
from trainer.vectors.safetensors_files import load_safetensors

SPEAKERS = {
    "hamlet": "HAM",
    "henry_v": "KING HENRY",
    "macbeth": "MACBETH",
    "othello": "IAGO",
    "romeo_and_juliet": "ROMEO",
    "tempest": "PROSPERO",
}
OWNERS = 4
LENGTH = 64
CONFIG = LoraConfig(r=8, lora_alpha=16, target_modules=["query", "value"])
PLAN = LocalPlan(epochs=1, batch_size=8, optimizer="adam", learning_rate="0.002", seed=1)
LATTICE = Lattice(bits=16, step_exponent=-16, guard_bits=8)
LARGEST_PART = 0.02


@dataclass(frozen=True)
class Outcome:
    """What the rounds came to.

    Args:
        accuracies: of every version on validation speeches, the untrained one first.
        majority: what guessing the most frequent speaker gets right.
        part: the largest update's bytes, as a part of the base's.
        parents: version ids that the first adapter version names as its parents.
        base: the base's version id.
    """

    accuracies: list[float]
    majority: float
    part: float
    parents: list[str]
    base: str


def speeches_of(model: Path, plays: Path, count: int) -> tuple[TensorDataset, TensorDataset]:
    """Returns `count` speeches for training and a quarter as many held out, evenly by speaker."""
    texts, labels = [], []
    each = count * 5 // 4 // len(SPEAKERS)
    for label, (play, speaker) in enumerate(SPEAKERS.items()):
        told = [s.text for s in read_speeches(plays, [play]) if s.speaker == speaker]
        told = sorted(told, key=len, reverse=True)[:each]
        texts += told
        labels += [label] * len(told)
    data = TensorDataset(tokenised(model, texts, LENGTH), torch.tensor(labels))
    validation_set = torch.arange(len(texts)) % 5 == 4
    return tuple(TensorDataset(*data[part]) for part in (~validation_set, validation_set))  # type: ignore[return-value]


def classifier(model: Path) -> AdaptedClassifier:
    """MiniLM with untrained adapters and head, the same for everybody."""
    return adapted(read_base(model), CONFIG, len(SPEAKERS), seed=1)


def accuracy(module: AdaptedClassifier, data: TensorDataset) -> float:
    """Returns the part of speeches whose speaker is found."""
    tokens, labels = data.tensors
    with torch.no_grad():
        found = torch.cat([module(part).argmax(1) for part in tokens.split(64)])
    return float((found == labels).double().mean())


@dataclass(frozen=True)
class Ground:
    """Storage, ledger and clock that everybody shares, in a folder."""

    work: Path
    clock: ManualClock
    blobs: StoreBlobs
    ledger: MemoryLedger

    @classmethod
    def at(cls, work: Path) -> Ground:
        """Makes an empty one."""
        clock = ManualClock(1_800_000_000)
        return cls(work, clock, StoreBlobs(LocalStore(work / "blobs")), MemoryLedger(clock))


def publish(ground: Ground, owner: str, model: Path) -> tuple[Path, bytes, bytes]:
    """Publishes the base, and untrained adapters as a model of their own.

    Returns:
        The base's folder, its version id, and the model id of the adapters.
    """
    base, first = ground.work / "base", ground.work / "version-1"
    first_version(base, load_safetensors(model / MODEL_FILE), architecture="minilm-l6-v2")
    for name in ("config.json", "tokenizer.json"):
        shutil.copy(model / name, base / name)
    base_id = ground.ledger.register(owner, "minilm", ground.blobs.put_folder(base))
    version = MemoryBoard(ground.ledger, owner).versions(base_id)[0]
    reference = BaseReference(version.version_id, version.content_digest)
    labels = tuple(f"{play}: {who}" for play, who in SPEAKERS.items())
    document = AdapterDocument.of(CONFIG, labels)
    first_adapter_version(first, classifier(base), document, base, reference, "Apache-2.0")
    model_id = ground.ledger.register(owner, "who-speaks", ground.blobs.put_folder(first))
    return base, version.version_id, model_id


def fine_tune(model: Path, plays: Path, speeches: int, rounds: int, work: Path) -> Outcome:
    """Publishes base and adapters, runs the rounds, and prints what comes of them.

    Raises:
        TrainingError: a round was voided.
    """
    train, validation_set = speeches_of(model, plays, speeches)
    ground, owner = Ground.at(work), signer_of(1).address
    base, base_version, model_id = publish(ground, owner, model)
    people = participants(ground, base, train)
    board = MemoryBoard(ground.ledger, owner)
    coordinator = Coordinator(RoundContext(board, ground.blobs, ground.clock), work / "coordinator")
    majority = float(validation_set.tensors[1].bincount().max()) / len(validation_set)
    print(f"of validation speeches, the most frequent speaker has {majority:.3f}")
    found = [accuracy(load_adapted(base, work / "version-1"), validation_set)]
    print(f"version 1: {found[0]:.3f}")
    largest = 0
    for number in range(1, rounds + 1):
        plan = RoundPlan(TermsDocument(plan=PLAN), LATTICE, OWNERS, OWNERS)
        round_id = coordinator.open(*plan.terms(model_id, number, ground.clock.now()))
        result = run_in_process(coordinator, people, ground.clock, round_id)
        if result.version is None:
            raise TrainingError(f"round {number} was voided")
        folder = work / f"version-{result.version.number}"
        ground.blobs.get_folder(result.version.content_digest, folder, 1 << 30)
        found.append(accuracy(load_adapted(base, folder), validation_set))
        largest = max(largest, largest_update(work, round_id))
        print(f"version {result.version.number}: {found[-1]:.3f}")
    part = largest / (base / MODEL_FILE).stat().st_size
    print(f"an update has at most {largest:,} bytes, {part:.2%} of the base's")
    return Outcome(found, majority, part, first_parents(work), "0x" + base_version.hex())


def signer_of(number: int) -> LocalSigner:
    """A key for the example; a real one is read from a keystore."""
    return LocalSigner.from_key(bytes(31) + bytes([number]))


def participants(ground: Ground, base: Path, train: TensorDataset) -> list[Participant]:
    """The data owners; the speakers are spread over them unevenly."""
    shards = split_by_dirichlet(train.tensors[1].numpy(), OWNERS, 0.5, seed=3)
    found = []
    for index, shard in enumerate(shards):
        signer = signer_of(index + 2)
        own = Subset(train, [int(place) for place in shard])
        training = adapter_training(classifier(base), own)
        seen = MemoryBoard(ground.ledger, signer.address)
        work = ground.work / "participants"
        found.append(
            Participant(RoundContext(seen, ground.blobs, ground.clock), signer, training, work)
        )
    return found


def largest_update(work: Path, round_id: bytes) -> int:
    """Returns the bytes of the largest update folder of a round."""
    folders = (work / "participants").glob(f"*/{round_id.hex()}/update")
    return max(sum(path.stat().st_size for path in folder.iterdir()) for folder in folders)


def first_parents(work: Path) -> list[str]:
    """Returns the parents that the first adapter version's manifest names."""
    return list(json.loads((work / "version-1" / MANIFEST).read_text())["parents"])


def main() -> None:
    """Reads the options and runs."""
    parser = argparse.ArgumentParser(description="MiniLM's adapters, fine-tuned together.")
    parser.add_argument("--model", type=Path, default=Path(".data/minilm"))
    parser.add_argument("--plays", type=Path, default=Path(".data/shakespeare"))
    parser.add_argument("--speeches", type=int, default=480, help="for training, in all")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    # One thread: equal bits everywhere, and no waiting for cores that others use.
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        outcome = fine_tune(
            chosen.model, chosen.plays, chosen.speeches, chosen.rounds, Path(folder)
        )
    if outcome.part > LARGEST_PART:
        raise SystemExit(f"expected updates of at most {LARGEST_PART:.0%} of the base's bytes")


if __name__ == "__main__":
    main()
