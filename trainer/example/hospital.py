"""A data owner's own code: a network, and how it learns from the owner's images.

`fit` and `evaluate` take and return arrays in the order of the network's state dict, as a class
for Flower's NumPyClient does.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils.data import TensorDataset

from trainer.models import SmallCnn
from trainer.plan.configs import plan_of
from trainer.training.local_training import local_train
from trainer.vectors.safetensors_files import load_safetensors

__all__ = ["Hospital"]


class Hospital:
    """Trains a small convolutional network on the images in one file.

    Args:
        data: a safetensors file with `inputs`, shape (n, 1, 28, 28), and `labels`, shape (n,).
    """

    def __init__(self, data: Path) -> None:
        tensors = load_safetensors(data)
        self.dataset = TensorDataset(tensors["inputs"], tensors["labels"])
        self.model = SmallCnn()

    def get_parameters(self, config: dict[str, Any]) -> list[np.ndarray[Any, Any]]:
        """Returns the network's arrays."""
        return [tensor.numpy().copy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters: list[np.ndarray[Any, Any]]) -> None:
        """Puts arrays into the network."""
        names = self.model.state_dict()
        pairs = zip(names, parameters, strict=True)
        self.model.load_state_dict({name: torch.tensor(array) for name, array in pairs})

    def fit(
        self, parameters: list[np.ndarray[Any, Any]], config: dict[str, Any]
    ) -> tuple[list[np.ndarray[Any, Any]], int, dict[str, Any]]:
        """Trains as the round's terms ask; returns arrays, the number of examples, and metrics."""
        self.set_parameters(parameters)
        result = local_train(self.model, self.dataset, plan_of(config))
        return self.get_parameters(config), result.examples, dict(result.metrics)

    def evaluate(
        self, parameters: list[np.ndarray[Any, Any]], config: dict[str, Any]
    ) -> tuple[float, int, dict[str, Any]]:
        """Returns the mean loss in nats on the owner's images, their number, and the accuracy."""
        self.set_parameters(parameters)
        inputs, labels = self.dataset.tensors
        with torch.no_grad():
            logits = self.model(inputs)
        loss = float(torch.nn.functional.cross_entropy(logits, labels))
        return loss, len(labels), {"accuracy": float((logits.argmax(1) == labels).float().mean())}
