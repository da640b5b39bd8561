"""Gaussian noise: what one example or one participant did can't be told from an update any more.

Dwork, Roth: "The Algorithmic Foundations of Differential Privacy", 2014, appendix A, the Gaussian
mechanism; added by each participant to its own update, as in Geyer, Klein, Nabi: "Differentially
Private Federated Learning: A Client Level Perspective", 2017. It is drawn before the rounding to
the lattice, which can only lose information. What it amounts to over many rounds is for an
accountant to say, and isn't said here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import final

from trainer.plan.decimals import decimal
from trainer.transforms.base import Next, TransformContext, TransformedUpdate
from trainer.types import FloatVector

__all__ = ["Noise"]

_BLOCK = 1 << 16


@final
@dataclass(frozen=True)
class Noise:
    """Δ + N(0, deviation²), independently in each value.

    Args:
        deviation: in units of the parameters; above 0, decimal text. The noise multiplier of the
            literature is this over the norm that updates are clipped to.

    Raises:
        ConfigError: out of range.
    """

    deviation: str

    def __post_init__(self) -> None:
        """Checks the range."""
        decimal("noise: deviation", self.deviation, 1e-18, 1e9)

    @property
    def name(self) -> str:
        """Returns "noise"."""
        return "noise"

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Sends the update with noise."""
        drawn, hidden = around.randomness(self.name), delta.copy()
        for start in range(0, hidden.size, _BLOCK):
            block = hidden[start : start + _BLOCK]
            block += float(self.deviation) * drawn.gaussian(block.size)
        return onward(hidden)
