"""Which step a round's lattice should have: fitted to a base version, and to what training moves.

The largest value of a lattice of b bits stands for `(2^(b-1) − 1)` steps. A step that is too fine
cuts what training changed (L-9), one that is too coarse rounds it away; so the range is a few times
what a trial of local training moves. Without a trial, weights are expected to change by no more
than they are large.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch

from trainer.plan.training_plan import LocalPlan
from trainer.training.client import Training
from trainer.types import Lattice
from trainer.vectors.layout import STATISTICS, Layout, difference

__all__ = ["StepProposal", "largest_moves", "proposed_steps"]

_MARGIN = 4
"""Other data, and later rounds, may move a value so many times further than the trial did."""
_FED_BACK = 4
"""What error feedback adds to an update, at most, for once in a while."""
_LEAST_RANGE = 1.0
_LEAST_RANGE_OF_STATISTICS = 8.0
"""Statistics of inputs that were scaled to about one, before anything is known of them."""
_EXPONENTS = range(-60, 21)


@dataclass(frozen=True)
class StepProposal:
    """A lattice's step, and the scales of tensors that move much further or less far.

    Args:
        step_exponent: the step is 2 to the power of it (L-1).
        scales: patterns and exponents, as terms documents take them (L-7).
    """

    step_exponent: int
    scales: tuple[tuple[str, int], ...] = ()


def largest_moves(
    training: Training, base: Mapping[str, torch.Tensor], layout: Layout, plan: LocalPlan
) -> dict[str, float]:
    """Trains once and returns how far the farthest value of each tensor moved.

    Args:
        training: on data like those of the rounds to come.
        base: the version to train from.
        layout: of what is trained, without scales.
        plan: of the rounds.

    Raises:
        TrainingError: training failed.
        AggregationError: it gave other tensors.
    """
    trained = training({name: tensor.clone() for name, tensor in base.items()}, plan).state
    moved, found, start = np.abs(difference(trained, base, layout)), {}, 0
    for name, size in zip(layout.names, layout.sizes, strict=True):
        found[name] = float(moved[start : start + size].max())
        start += size
    return found


def proposed_steps(
    base: Mapping[str, torch.Tensor],
    layout: Layout,
    bits: int,
    moves: Mapping[str, float] | None = None,
    *,
    grouped: bool = True,
    fed_back: bool = False,
) -> StepProposal:
    """Returns a step whose range holds what training is expected to move, with room to spare.

    Args:
        base: the version to train from.
        layout: of what is trained.
        bits: of the lattice, 8, 16 or 32.
        moves: what a trial moved, by tensor; the sizes of the weights decide without one.
        grouped: whether running statistics may have scales of their own; under stake they can't.
        fed_back: whether what was left out of earlier updates is added to later ones.
    """
    groups: dict[str, list[str]] = {}
    for name in layout.names:
        groups.setdefault(_group(name), []).append(name)
    times = _FED_BACK if fed_back else 1
    ranges = {
        group: times * _range(group, names, base, moves or {})
        for group, names in sorted(groups.items())
    }
    if not grouped or "" not in ranges:
        return StepProposal(_exponent(max(ranges.values()), bits))
    step = _exponent(ranges.pop(""), bits)
    shifts = {group: _exponent(reach, bits) - step for group, reach in ranges.items()}
    return StepProposal(step, tuple((f"*{g}", shift) for g, shift in shifts.items() if shift))


def _group(name: str) -> str:
    last = name.rpartition(".")[2]
    return last if last in STATISTICS else ""


def _range(
    group: str,
    names: list[str],
    base: Mapping[str, torch.Tensor],
    moves: Mapping[str, float],
) -> float:
    moved = max((moves.get(name, 0.0) for name in names), default=0.0)
    if moved > 0 and math.isfinite(moved):
        return _MARGIN * moved
    largest = max(float(base[name].detach().abs().max()) for name in names)
    if group:
        return max(_LEAST_RANGE_OF_STATISTICS, _MARGIN * largest)
    return max(_LEAST_RANGE, largest)


def _exponent(reach: float, bits: int) -> int:
    """Returns the least exponent whose lattice holds values of so many units."""
    largest = Lattice(bits, 0).largest
    for exponent in _EXPONENTS:
        if math.ldexp(largest, exponent) >= reach:
            return exponent
    return _EXPONENTS[-1]
