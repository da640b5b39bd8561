"""FedPer, Ditto and IFCA in plain numbers: what one participant does in a round."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pseudocode.softmax_regression import gradient, loss

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


def fedper(
    body: Floats, head: Floats, data: tuple[Floats, Labels], rate: float, steps: int
) -> tuple[Floats, Floats]:
    """Arivazhagan et al., 2019: both are trained; the body goes out, and the head stays."""
    inputs, labels = data
    for _ in range(steps):
        by_head = gradient(head, inputs @ body.T, labels)
        by_body = head.T @ gradient(head @ body, inputs, labels)
        body, head = body - rate * by_body, head - rate * by_head
    return body, head


def ditto(
    own: Floats, shared: Floats, data: tuple[Floats, Labels], rate: float, steps: int, pull: float
) -> tuple[Floats, Floats]:
    """Li et al., ICML 2021, algorithm 1: the shared model's update, and one's own model."""
    update = shared
    for _ in range(steps):
        update = update - rate * gradient(update, *data)
        own = own - rate * (gradient(own, *data) + pull * (own - shared))
    return update, own


def ifca(
    models: list[Floats], data: tuple[Floats, Labels], rate: float, steps: int
) -> tuple[int, Floats]:
    """Ghosh et al., NeurIPS 2020, algorithm 1: the best model's place, and what becomes of it."""
    best = int(np.argmin([loss(model, *data) for model in models]))
    model = models[best]
    for _ in range(steps):
        model = model - rate * gradient(model, *data)
    return best, model
