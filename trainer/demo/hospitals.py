"""The client classes that the hospitals' processes run: four verbs, nothing of chain or lattice."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import TensorDataset

from trainer.models import SmallCnn
from trainer.plan.configs import plan_of
from trainer.training.client import Arrays, Client, Config, Scalar
from trainer.training.local_training import local_train
from trainer.vectors.safetensors_files import load_safetensors

__all__ = ["FreeRider", "Hospital"]


class Hospital(Client):
    """Trains a small convolutional network on the images in one file."""

    def __init__(self, data: Path) -> None:
        tensors = load_safetensors(data)
        self.dataset = TensorDataset(tensors["inputs"], tensors["labels"])
        self.model = SmallCnn()
        self.correction: Mapping[str, torch.Tensor] = {}

    def steer(self, correction: Mapping[str, torch.Tensor]) -> None:
        """Keeps what SCAFFOLD has every gradient corrected by."""
        self.correction = correction

    def get_parameters(self, config: Config) -> Arrays:
        """Returns the model's arrays."""
        return [tensor.numpy() for tensor in self.model.state_dict().values()]

    def set_parameters(self, parameters: Arrays) -> None:
        """Puts arrays into the model."""
        names = self.model.state_dict()
        pairs = zip(names, parameters, strict=True)
        self.model.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in pairs})

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Trains by the plan that the terms ask for: steps, optimizer, proximal term and all."""
        self.set_parameters(parameters)
        result = local_train(self.model, self.dataset, plan_of(config), self.correction)
        return self.get_parameters(config), result.examples, dict(result.metrics)

    def evaluate(
        self, parameters: Arrays, config: Config
    ) -> tuple[float, int, Mapping[str, Scalar]]:
        """Returns the mean cross-entropy on the hospital's own images."""
        self.set_parameters(parameters)
        inputs, labels = self.dataset.tensors
        with torch.no_grad():
            logits = self.model(inputs)
        loss = float(torch.nn.functional.cross_entropy(logits, labels))
        accuracy = float((logits.argmax(1) == labels).float().mean())
        return loss, len(labels), {"accuracy": accuracy}


class FreeRider(Hospital):
    """Claims its examples and trains on none of them: it sends back what came, slightly shaken."""

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Adds noise of a thousandth, so that the update isn't plainly empty."""
        noise = np.random.Generator(np.random.PCG64(0))
        shaken = [
            (array + noise.normal(0, 1e-3, array.shape)).astype(array.dtype) for array in parameters
        ]
        return shaken, len(self.dataset), {}
