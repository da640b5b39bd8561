"""What the demonstration measures: accuracy, gas, bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch.utils.data import TensorDataset

from registry.client import RegistryClient
from trainer.demo.shards import Images
from trainer.models import SmallCnn
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import local_train
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import load_into

__all__ = ["GasLine", "accuracy_of", "centralised_accuracy", "folder_bytes", "gas_by_event"]


@dataclass(frozen=True)
class GasLine:
    """The transactions that emitted an event first: how many, and their gas in all."""

    event: str
    transactions: int
    gas: int


def accuracy_of(tensors: Mapping[str, torch.Tensor], images: Images) -> float:
    """Returns the part of images that a version classifies rightly, 0 to 1."""
    module = SmallCnn()
    load_into(module, tensors)
    return _accuracy(module, images)


def _accuracy(module: torch.nn.Module, images: Images) -> float:
    module.eval()
    with torch.no_grad():
        right = module(images.inputs).argmax(1) == images.labels
    return float(right.float().mean())


def centralised_accuracy(
    shards: list[Path], images: Images, epochs: int, plan: LocalPlan
) -> list[float]:
    """Trains one model on everybody's data in one place; returns its accuracy per epoch."""
    parts = [load_safetensors(shard) for shard in shards]
    inputs = torch.cat([part["inputs"] for part in parts])
    labels = torch.cat([part["labels"] for part in parts])
    module, dataset = SmallCnn(), TensorDataset(inputs, labels)
    found = []
    for _ in range(epochs):
        local_train(module, dataset, plan)
        found.append(_accuracy(module, images))
    return found


def gas_by_event(client: RegistryClient) -> list[GasLine]:
    """Returns the gas of every transaction on the contracts, by the first event of each."""
    client.state()
    # Contracts whose creation emits events.
    contracts = client.connection.deployment.contracts
    created = {made.address.lower(): name for name, made in contracts.items()}
    first: dict[str, str] = {}
    for event in client.connection.index.events:
        first.setdefault(event.transaction_hash, event.name)
    sums: dict[str, tuple[int, int]] = {}
    for transaction, name in first.items():
        receipt = client.connection.gateway.request("eth_getTransactionReceipt", [transaction])
        if receipt.get("contractAddress"):
            name = f"deploy {created[receipt['contractAddress'].lower()]}"
        count, gas = sums.get(name, (0, 0))
        sums[name] = count + 1, gas + int(receipt["gasUsed"], 16)
    return [GasLine(name, count, gas) for name, (count, gas) in sorted(sums.items())]


def folder_bytes(folder: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
