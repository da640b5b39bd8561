"""What the first participants do: they send something else, or train on something else."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from accuracy.data import Parts

from trainer.attacks import LabelFlip, inner_product_manipulation, little_is_enough, min_max
from trainer.simulation import Attack

__all__ = ["ATTACKS", "POISONS"]

CLASSES = 10


def noisy(honest: list[np.ndarray], own: np.ndarray) -> np.ndarray:
    """Noise ten times as long as an honest update."""
    made = np.random.default_rng(own.size).standard_normal(own.size)
    return made * (10 * np.linalg.norm(honest[0]) / np.linalg.norm(made))


ATTACKS: dict[str, Callable[[int], Attack]] = {
    "none": lambda colluders: lambda honest, own: own,
    "sign flip": lambda colluders: lambda honest, own: -5 * own,
    "Gaussian": lambda colluders: noisy,
    "ALIE": lambda colluders: lambda honest, own: little_is_enough(honest, colluders),
    "IPM": lambda colluders: lambda honest, own: inner_product_manipulation(honest, 2.0),
    "Min-Max": lambda colluders: lambda honest, own: min_max(honest),
    "free rider": lambda colluders: lambda honest, own: np.zeros_like(own),
}


def flipped(parts: Parts, malicious: int) -> Parts:
    """Returns the parts, the first of them with wrong labels."""
    return [*(LabelFlip(part, CLASSES) for part in parts[:malicious]), *parts[malicious:]]


def sybils(parts: Parts, malicious: int) -> Parts:
    """Returns the parts, the first of them the same one with wrong labels."""
    return [*[LabelFlip(parts[0], CLASSES)] * malicious, *parts[malicious:]]


POISONS: dict[str, Callable[[Parts, int], Parts]] = {"label flip": flipped, "Sybils": sybils}
