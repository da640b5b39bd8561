"""What all ways of training have in common: plan, lattice, images, and what is measured."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import torch

from trainer import Lattice, LocalPlan
from trainer.data import load_mnist, split_evenly
from trainer.models import SmallCnn
from trainer.vectors.safetensors_files import State, save_safetensors
from trainer.vectors.torch_modules import load_into

__all__ = ["LATTICE", "PLAN", "Measured", "accuracy", "cut"]

PLAN = LocalPlan(epochs=1, batch_size=32, optimizer="sgd", learning_rate="0.05", seed=1)
LATTICE = Lattice(bits=16, step_exponent=-14, guard_bits=8)


@dataclass
class Measured:
    """What one way of training came to: seconds and bytes of each round, and the last model."""

    seconds: list[float] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    model: State = field(default_factory=dict)


def cut(folder: Path, data: Path, examples: int, clients: int) -> None:
    """Writes everybody's images to a file each."""
    images, labels = load_mnist(data, "train", examples).tensors
    for client, places in enumerate(split_evenly(examples, clients)):
        at = torch.as_tensor(places)
        shard = {"images": images[at].contiguous(), "labels": labels[at].contiguous()}
        save_safetensors(shard, folder / f"{client}.safetensors")


def accuracy(model: State, data: Path) -> float:
    """Returns the part of a thousand test images that a model gets right."""
    net = SmallCnn()
    load_into(net, model)
    images, labels = load_mnist(data, "test", 1_000).tensors
    with torch.no_grad():
        return float((net.eval()(images).argmax(1) == labels).double().mean())
