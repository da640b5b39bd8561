"""Quantization to few levels, by lot and without bias.

Alistarh, Grubic, Li, Tomioka, Vojnovic: "QSGD: Communication-Efficient SGD via Gradient
Quantization and Encoding", NeurIPS 2017, section 3.1. The unit between two levels is a power of
two, so that the lattice takes the levels as they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import frexp, ldexp
from typing import final

import numpy as np

from registry.errors import ConfigError
from trainer.plan.decimals import decimal
from trainer.transforms.base import Next, TransformContext, TransformedUpdate
from trainer.types import FloatVector

__all__ = ["Quantize"]

_BLOCK = 1 << 16


@final
@dataclass(frozen=True)
class Quantize:
    """Rounds to multiples of a unit, up or down by lot, so that the mean is the value itself.

    The unit is the least power of two by which no value needs more levels than there are, and at
    least a step of the lattice.

    Args:
        levels: on each side of zero, 1 to 32767, decimal text.

    Raises:
        ConfigError: out of range, or no whole number.
    """

    levels: str

    def __post_init__(self) -> None:
        """Checks the range."""
        if not decimal("quantize: levels", self.levels, 1, 32_767).is_integer():
            raise ConfigError(f"quantize: expected levels to be a whole number, got {self.levels}")

    @property
    def name(self) -> str:
        """Returns "quantize"."""
        return "quantize"

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Sends multiples of the unit; tells the unit, in units of the parameters."""
        exponent = self._exponent(float(np.max(np.abs(delta))), around.lattice.step_exponent)
        drawn, rounded = around.randomness(self.name), np.empty_like(delta)
        for start in range(0, delta.size, _BLOCK):
            levels = np.ldexp(delta[start : start + _BLOCK], -exponent)
            below = np.floor(levels)
            below += drawn.uniform(levels.size) < levels - below
            rounded[start : start + _BLOCK] = np.ldexp(below, exponent)
        sent = onward(rounded)
        return replace(sent, diagnostics={**sent.diagnostics, "unit": ldexp(1.0, exponent)})

    def _exponent(self, largest: float, least: int) -> int:
        if largest == 0.0:
            return least
        # frexp gives m in [1/2, 1): the least e with largest / levels ≤ 2^e, or one more.
        mantissa, exponent = frexp(largest / float(self.levels))
        return max(least, exponent - (mantissa == 0.5))
