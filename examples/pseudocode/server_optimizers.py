"""Server steps with a memory, for one parameter in plain numbers.

FedAvgM (Hsu et al., 2019), DiLoCo's outer step (Douillard et al., 2023), and FedAdagrad, FedAdam
and FedYogi (Reddi et al., ICLR 2021, algorithm 2). `memory` begins empty; what is returned is added
to the parameter.
"""

from __future__ import annotations

from collections.abc import Callable
from math import copysign, sqrt

ServerMemory = dict[str, float]


def fedavg(memory: ServerMemory, delta: float) -> float:
    """The mean itself."""
    return delta


def fedavgm(memory: ServerMemory, delta: float, beta: float = 0.9, rate: float = 0.5) -> float:
    """Momentum."""
    memory["v"] = beta * memory.get("v", 0.0) + delta
    return rate * memory["v"]


def diloco(memory: ServerMemory, delta: float, beta: float = 0.9, rate: float = 0.7) -> float:
    """Nesterov's momentum."""
    memory["v"] = beta * memory.get("v", 0.0) + delta
    return rate * (beta * memory["v"] + delta)


def adaptive(
    memory: ServerMemory, delta: float, second: Callable[[float, float], float], rate: float
) -> float:
    """A step divided by the root of the second moment; β₁ = 0.9, τ = 0.001."""
    memory["m"] = 0.9 * memory.get("m", 0.0) + (1 - 0.9) * delta
    memory["v"] = second(memory.get("v", 0.0), delta * delta)
    return rate * memory["m"] / (sqrt(memory["v"]) + 0.001)


def fedadagrad(memory: ServerMemory, delta: float) -> float:
    """The squares are added up."""
    return adaptive(memory, delta, lambda v, square: v + square, 0.1)


def fedadam(memory: ServerMemory, delta: float) -> float:
    """The squares fade."""
    return adaptive(memory, delta, lambda v, square: 0.99 * v + (1 - 0.99) * square, 0.01)


def fedyogi(memory: ServerMemory, delta: float) -> float:
    """v moves towards the square by as much, however far it is."""

    def second(v: float, square: float) -> float:
        sign = 0.0 if v == square else copysign(1.0, v - square)
        return v - (1 - 0.99) * (square * sign)

    return adaptive(memory, delta, second, 0.01)
