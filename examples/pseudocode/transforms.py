"""What a participant does to an update before it is sent, in plain numbers.

Clipping (Abadi et al., CCS 2016), the Gaussian mechanism (Dwork and Roth, 2014), top-k (Stich et
al., NeurIPS 2018), QSGD's rounding (Alistarh et al., NeurIPS 2017) and error feedback (Karimireddy
et al., ICML 2019, algorithm 2).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, cos, floor, log, log2, pi, sin, sqrt

Numbers = list[float]


def clip(update: Numbers, norm: float) -> Numbers:
    """Scaled down to the norm if it is longer."""
    length = sqrt(sum(value * value for value in update))
    return [value * min(1.0, norm / length) for value in update]


def noise(update: Numbers, deviation: float, lot: Sequence[float]) -> Numbers:
    """Normal numbers on top, by Box and Muller; the lot has two numbers for two values."""
    half = len(lot) // 2
    pairs = [(sqrt(-2 * log(1 - u)), 2 * pi * v) for u, v in zip(lot, lot[half:], strict=False)]
    drawn = [r * cos(angle) for r, angle in pairs] + [r * sin(angle) for r, angle in pairs]
    return [value + deviation * one for value, one in zip(update, drawn, strict=False)]


def top_k(update: Numbers, count: int) -> Numbers:
    """The `count` values that are largest by size; of equal ones the first."""
    order = sorted(range(len(update)), key=lambda place: (-abs(update[place]), place))
    kept = set(order[:count])
    return [value if place in kept else 0.0 for place, value in enumerate(update)]


def quantize(update: Numbers, levels: int, lot: Sequence[float]) -> Numbers:
    """Multiples of a power of two; up if the lot is below what is left over."""
    unit = 2.0 ** ceil(log2(max(map(abs, update)) / levels))
    found = []
    for value, drawn in zip(update, lot, strict=True):
        below = floor(value / unit)
        found.append(unit * (below + (drawn < value / unit - below)))
    return found


def error_feedback(
    updates: Sequence[Numbers], compress: Callable[[Numbers], Numbers]
) -> list[Numbers]:
    """What is sent in each round: p = Δ + e goes out as C(p), and e becomes p − C(p)."""
    error, sent = [0.0] * len(updates[0]), []
    for update in updates:
        whole = [value + left for value, left in zip(update, error, strict=True)]
        sent.append(compress(whole))
        error = [value - gone for value, gone in zip(whole, sent[-1], strict=True)]
    return sent
