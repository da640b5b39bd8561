"""What the first participants do: they send something else, or train on something else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from accuracy.data import Examples, Parts

from trainer.research.attacks import (
    Backdoor,
    LabelFlip,
    inner_product_manipulation,
    little_is_enough,
    min_max,
    with_trigger,
)
from trainer.research.simulation import Attack

__all__ = ["ATTACKS", "POISONS", "seen_with_trigger"]

CLASSES = 10
TARGET = 0
"""What a backdoor is to make of every image with the trigger."""


def noisy(honest: list[np.ndarray], own: np.ndarray) -> np.ndarray:
    """Noise ten times as long as an honest update."""
    made = np.random.default_rng(own.size).standard_normal(own.size)
    return made * (10 * np.linalg.norm(honest[0]) / np.linalg.norm(made))


ATTACKS: dict[str, Callable[[int], Attack]] = {
    "none": lambda colluders: lambda honest, own: own,
    "scaling": lambda colluders: lambda honest, own: 10 * own,
    "sign flip": lambda colluders: lambda honest, own: -5 * own,
    "Gaussian": lambda colluders: noisy,
    "ALIE": lambda colluders: lambda honest, own: little_is_enough(honest, colluders),
    "IPM": lambda colluders: lambda honest, own: inner_product_manipulation(honest, 2.0),
    "Min-Max": lambda colluders: lambda honest, own: min_max(honest),
    "free rider": lambda colluders: lambda honest, own: np.zeros_like(own),
    "copy-cat": lambda colluders: lambda honest, own: honest[0],
}


def flipped(parts: Parts, malicious: int) -> Parts:
    """Returns the parts, the first of them with wrong labels."""
    return [*(LabelFlip(part, CLASSES) for part in parts[:malicious]), *parts[malicious:]]


def sybils(parts: Parts, malicious: int) -> Parts:
    """Returns the parts, the first of them the same one with wrong labels."""
    return [*[LabelFlip(parts[0], CLASSES)] * malicious, *parts[malicious:]]


def backdoored(parts: Parts, malicious: int) -> Parts:
    """Returns the parts, half of the first ones' images with a trigger and the target's label."""
    return [*(Backdoor(part, TARGET) for part in parts[:malicious]), *parts[malicious:]]


def seen_with_trigger(test: Examples) -> Examples:
    """Returns the images that aren't the target's, with the trigger and their own labels."""
    inputs, labels = test
    others = labels != TARGET
    return with_trigger(inputs[others]), labels[others]


POISONS: dict[str, Callable[[Parts, int], Parts]] = {
    "label flip": flipped,
    "backdoor": backdoored,
    "Sybils": sybils,
}
