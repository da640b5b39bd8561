"""Federated MNIST: one coordinator, three data owners, every step of a round but the chain.

    python examples/federated_mnist.py --data FOLDER [--examples N] [--rounds N]

FOLDER holds the four IDX files of MNIST. The three data owners hold different images; what leaves
them is a signed vector of 16-bit integers. The board is in memory; the same code runs on a chain
with another board (see `trainer.adapters`).
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Mapping
from pathlib import Path

import torch
from torch.utils.data import DataLoader, Subset, TensorDataset

from registry.signing import LocalSigner
from registry.storage import LocalStore
from trainer import (
    Client,
    Coordinator,
    FederationOptions,
    Lattice,
    Participant,
    RoundTerms,
    TermsDocument,
    client_training,
)
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.data import load_mnist, split_evenly
from trainer.documents.version_folders import first_version, read_version
from trainer.engines import run_in_process
from trainer.models import MnistCnn
from trainer.ports import RoundContext
from trainer.training.client import Arrays, Config, Scalar
from trainer.types import least_forfeit
from trainer.vectors.torch_modules import load_into, state_of

PARTICIPANTS = 3
LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
HOUR = 3_600
TEST_EXAMPLES = 1_000


class MnistClient(Client):
    """A data owner: the four verbs, as one writes them for Flower."""

    def __init__(self, model: torch.nn.Module, data: Subset[tuple[torch.Tensor, ...]]) -> None:
        self.model = model
        self.data = data

    def get_parameters(self, config: Config) -> Arrays:
        """Returns the model's arrays in the order of its state dict."""
        return [tensor.cpu().numpy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters: Arrays) -> None:
        """Puts arrays into the model."""
        names = self.model.state_dict().keys()
        state = {n: torch.tensor(a) for n, a in zip(names, parameters, strict=True)}
        self.model.load_state_dict(state, strict=True)

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Trains for the plan's epochs on the data that stay here, held to where it began."""
        self.set_parameters(parameters)
        anchors = [parameter.detach().clone() for parameter in self.model.parameters()]
        pull = float(config["proximal_mu"])
        order = torch.Generator().manual_seed(int(config["seed"]))
        batches = DataLoader(
            self.data, batch_size=int(config["batch_size"]), shuffle=True, generator=order
        )
        optimizer = torch.optim.Adam(self.model.parameters(), lr=float(config["learning_rate"]))
        self.model.train()
        for _ in range(int(config["epochs"])):
            for images, labels in batches:
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(self.model(images), labels)
                if pull:  # FedProx
                    pairs = zip(self.model.parameters(), anchors, strict=True)
                    loss = loss + pull / 2 * sum((now - then).square().sum() for now, then in pairs)
                torch.autograd.backward(loss)
                optimizer.step()
        return self.get_parameters({}), len(self.data), {}

    def evaluate(
        self, parameters: Arrays, config: Config
    ) -> tuple[float, int, Mapping[str, Scalar]]:
        """Returns the mean loss on the data that stay here, and the accuracy."""
        self.set_parameters(parameters)
        self.model.eval()
        loss, right = 0.0, 0
        with torch.no_grad():
            for images, labels in DataLoader(self.data, batch_size=500):
                logits = self.model(images)
                loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
                right += int((logits.argmax(1) == labels).sum())
        count = len(self.data)
        return loss / count, count, {"accuracy": right / count}


def terms_for(
    model_id: bytes, base_version: int, document: TermsDocument, now: int, budget: int
) -> RoundTerms:
    """Returns the terms of a round that every participant can finish early."""
    return RoundTerms(
        model_id=model_id,
        base_version=base_version,
        strategy=document.strategy,
        document_digest=document.digest,
        lattice=LATTICE,
        enrolment_deadline=now + HOUR,
        commit_deadline=now + 2 * HOUR,
        reveal_deadline=now + 3 * HOUR,
        proposal_deadline=now + 4 * HOUR,
        challenge_window=HOUR,
        minimum_participants=PARTICIPANTS,
        maximum_participants=PARTICIPANTS,
        weight_cap=100_000,
        reward_token="0x" + "0" * 39 + "1",
        reward_budget=budget,
        forfeit=least_forfeit(budget, PARTICIPANTS),
    )


def accuracy(model: torch.nn.Module, folder: Path, test: TensorDataset) -> float:
    """Returns the part of the test images that a version's folder gets right."""
    load_into(model, read_version(folder))
    images, labels = test.tensors
    with torch.no_grad():
        return float((model.eval()(images).argmax(1) == labels).double().mean())


def federate(data: Path, examples: int, options: FederationOptions, work: Path) -> list[float]:
    """Runs the rounds and returns the test accuracy of each version, the untrained one first."""
    train, test = load_mnist(data, "train", examples), load_mnist(data, "test", TEST_EXAMPLES)
    clock, blobs = ManualClock(1_800_000_000), StoreBlobs(LocalStore(work / "blobs"))
    ledger = MemoryLedger(clock)
    owner = LocalSigner.from_key(bytes(31) + b"\x01").address
    first_version(work / "first", state_of(MnistCnn()), architecture="MnistCnn")
    model_id = ledger.register(owner, "mnist", blobs.put_folder(work / "first"))

    coordinator = Coordinator(
        RoundContext(MemoryBoard(ledger, owner), blobs, clock), work / "coordinator"
    )
    names = list(MnistCnn().state_dict())
    participants = []
    for index, part in enumerate(split_evenly(len(train), PARTICIPANTS)):
        signer = LocalSigner.from_key(bytes(31) + bytes([index + 2]))
        client = MnistClient(MnistCnn(), Subset(train, [int(at) for at in part]))
        board = MemoryBoard(ledger, signer.address)
        training = client_training(client, names)
        participants.append(
            Participant(RoundContext(board, blobs, clock), signer, training, work / "participants")
        )

    found = [accuracy(MnistCnn(), work / "first", test)]
    print(f"version 1: accuracy {found[0]:.3f} before training")
    for number in range(1, options.num_rounds + 1):
        document = TermsDocument()
        terms = terms_for(model_id, number, document, clock.now(), budget=1_000)
        round_id = coordinator.open(terms, document)
        result = run_in_process(coordinator, participants, clock, round_id)
        if result.document is None or result.version is None:
            raise SystemExit(f"round {number} was voided")
        folder = work / f"version-{result.version.number}"
        blobs.get_folder(result.version.content_digest, folder, 1 << 30)
        found.append(accuracy(MnistCnn(), folder, test))
        shares = ", ".join(str(share) for share in result.document.shares.values())
        digest = result.version.content_digest.hex()[:8]
        print(
            f"version {result.version.number}: accuracy {found[-1]:.3f}, content {digest}…, "
            f"shares {shares}"
        )
    return found


def main() -> None:
    """Reads the options and runs."""
    parser = argparse.ArgumentParser(description="Federated MNIST on a board in memory.")
    parser.add_argument("--data", type=Path, required=True, help="folder of the IDX files")
    parser.add_argument("--examples", type=int, default=3_000, help="training images in all")
    parser.add_argument("--rounds", type=int, default=3, help="how many rounds")
    chosen = parser.parse_args()
    options = FederationOptions(
        num_rounds=chosen.rounds, min_fit_clients=PARTICIPANTS, min_available_clients=PARTICIPANTS
    )
    with tempfile.TemporaryDirectory() as folder:
        federate(chosen.data, chosen.examples, options, Path(folder))


if __name__ == "__main__":
    main()
