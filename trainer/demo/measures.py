"""What the demonstration measures: accuracy and bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch.utils.data import TensorDataset

from trainer.demo.shards import Images
from trainer.models import SmallCnn
from trainer.plan.training_plan import LocalPlan
from trainer.training.local_training import local_train
from trainer.vectors.safetensors_files import load_safetensors
from trainer.vectors.torch_modules import load_into

__all__ = ["accuracy_of", "centralised_accuracy", "folder_bytes"]


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


def folder_bytes(folder: Path) -> int:
    """Returns the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
