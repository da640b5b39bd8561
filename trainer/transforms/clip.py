"""Clipping: an update is scaled down to a length that it may have.

Abadi, Chu, Goodfellow, McMahan, Mironov, Talwar, Zhang: "Deep Learning with Differential Privacy",
CCS 2016, for bounding what one contribution can do; here a whole update, as in McMahan, Ramage,
Talwar, Zhang: "Learning Differentially Private Recurrent Language Models", ICLR 2018. Terms can
also bound it on the lattice (`clip_norm`), which the door checks; this is for what noise is fitted
to, and happens before the rounding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

from trainer.plan.decimals import decimal
from trainer.transforms.base import Next, TransformContext, TransformedUpdate
from trainer.types import FloatVector
from trainer.vectors.lattice import euclidean_norm

__all__ = ["Clip"]


@final
@dataclass(frozen=True)
class Clip:
    """Δ · min(1, norm / ‖Δ‖).

    Args:
        norm: the largest Euclidean norm, in units of the parameters; above 0, decimal text.

    Raises:
        ConfigError: out of range.
    """

    norm: str

    def __post_init__(self) -> None:
        """Checks the range."""
        decimal("clip: norm", self.norm, 1e-18, 1e9)

    @property
    def name(self) -> str:
        """Returns "clip"."""
        return "clip"

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Sends the update no longer than the norm; tells how long it was."""
        norm, bound = euclidean_norm(delta), float(self.norm)
        sent = onward(delta if norm <= bound else delta * (bound / norm))
        return replace(sent, diagnostics={**sent.diagnostics, "norm": norm})
