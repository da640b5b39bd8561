"""Top-k: only the largest values of an update are sent.

Aji, Heafield: "Sparse Communication for Distributed Gradient Descent", EMNLP 2017; Stich,
Cordonnier, Jaggi: "Sparsified SGD with Memory", NeurIPS 2018, for why it needs error feedback. An
update with few values is stored with their places, in so many fewer bytes (R-8).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import final

import numpy as np

from trainer.plan.decimals import decimal
from trainer.transforms.base import Next, TransformContext, TransformedUpdate
from trainer.types import FloatVector

__all__ = ["TopK"]


@final
@dataclass(frozen=True)
class TopK:
    """Keeps ⌈fraction · n⌉ values; of equal ones the first, so that it is the same everywhere.

    Args:
        fraction: of the values, above 0 and at most 1, decimal text.

    Raises:
        ConfigError: out of range.
    """

    fraction: str

    def __post_init__(self) -> None:
        """Checks the range."""
        decimal("top_k: fraction", self.fraction, 1e-9, 1)

    @property
    def name(self) -> str:
        """Returns "top_k"."""
        return "top_k"

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Sends the largest values, and zeros instead of the others."""
        count = ceil(Fraction(self.fraction) * delta.size)
        sizes = np.abs(delta)
        least = np.partition(sizes, delta.size - count)[delta.size - count]
        kept = sizes > least
        kept[np.flatnonzero(sizes == least)[: count - int(kept.sum())]] = True
        sent = onward(np.where(kept, delta, 0.0))
        return replace(sent, diagnostics={**sent.diagnostics, "kept": float(count)})
