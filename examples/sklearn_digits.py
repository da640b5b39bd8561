"""A scikit-learn classifier on its own handwritten digits, cut among three data owners.

    python examples/sklearn_digits.py FOLDER

writes a first version (FOLDER/first) and three shards (FOLDER/0.npz, 1.npz, 2.npz). Then, as in the
first federation's tutorial:

    tally publish FOLDER/first --name linear-digits --licence BSD-3-Clause
    tally train coordinate linear-digits --min-available-clients 3 --step -12 --learning-rate 0.05
    cd examples; tally train join linear-digits --client sklearn_digits:DigitsClient \\
        --data FOLDER/0.npz

The class has neither a torch module nor `parameter_names`: its two arrays are those of the
version's file, in its order, which for one type is that of their names.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

from trainer.documents.version_folders import first_version
from trainer.training.client import Arrays, Config, Scalar

CLASSES = np.arange(10)
PIXELS = 64
OWNERS = 3


class DigitsClient:
    """A data owner with `get_parameters`, `fit` and `evaluate` alone.

    Args:
        data: an .npz file with `images`, shape (n, 64), from 0 to 1, and `labels`, shape (n,).
    """

    def __init__(self, data: Path) -> None:
        with np.load(data, allow_pickle=False) as found:
            self.images, self.labels = found["images"], found["labels"]
        self.model = SGDClassifier(loss="log_loss", learning_rate="constant", eta0=0.05)
        self.set_arrays([np.zeros((len(CLASSES), PIXELS)), np.zeros(len(CLASSES))])

    def set_arrays(self, arrays: Arrays) -> None:
        """Puts both arrays into the classifier, in the type that it computes in."""
        coefficients, intercepts = (np.array(array, np.float64) for array in arrays)
        self.model.classes_ = CLASSES
        self.model.coef_, self.model.intercept_ = coefficients, intercepts

    def get_parameters(self, config: Config) -> Arrays:
        """Returns the coefficients, shape (10, 64), and the intercepts, shape (10,)."""
        return [self.model.coef_, self.model.intercept_]

    def fit(self, parameters: Arrays, config: Config) -> tuple[Arrays, int, Mapping[str, Scalar]]:
        """Passes over the images, in an order that follows from the round's seed."""
        self.set_arrays(parameters)
        self.model.set_params(
            eta0=float(config["learning_rate"]), random_state=int(config["seed"]) % 2**32
        )
        for _ in range(int(config["epochs"])):
            self.model.partial_fit(self.images, self.labels, classes=CLASSES)
        return self.get_parameters(config), len(self.labels), {}

    def evaluate(
        self, parameters: Arrays, config: Config
    ) -> tuple[float, int, Mapping[str, Scalar]]:
        """Returns the mean loss in nats on the owner's own images, and the accuracy."""
        self.set_arrays(parameters)
        told = self.model.predict_proba(self.images)
        loss = log_loss(self.labels, told, labels=CLASSES)
        accuracy = float((self.model.predict(self.images) == self.labels).mean())
        return float(loss), len(self.labels), {"accuracy": accuracy}


def first_state() -> dict[str, torch.Tensor]:
    """Returns the untrained classifier's tensors."""
    return {"coef_": torch.zeros(len(CLASSES), PIXELS), "intercept_": torch.zeros(len(CLASSES))}


def write_shards(folder: Path) -> list[Path]:
    """Cuts the digits among the owners, every third one to each; returns the files."""
    digits = load_digits()
    paths = []
    for owner in range(OWNERS):
        images, labels = digits.data[owner::OWNERS] / 16, digits.target[owner::OWNERS]
        paths.append(folder / f"{owner}.npz")
        np.savez(paths[-1], images=images, labels=labels)
    return paths


def main() -> None:
    """Writes what a federation begins with."""
    parser = argparse.ArgumentParser(description="Digits for a federation of scikit-learn.")
    parser.add_argument("folder", type=Path, help="where first version and shards go")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    first_version(folder / "first", first_state(), architecture="SGDClassifier")
    print(*write_shards(folder), sep="\n")


if __name__ == "__main__":
    main()
