"""Error feedback: what a round left out of an update is added to the next one.

Seide, Fu, Droppo, Li, Yu: "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel
Distributed Training of Speech DNNs", Interspeech 2014; Karimireddy, Rebjock, Stich, Jaggi: "Error
Feedback Fixes SignSGD and other Gradient Compression Schemes", ICML 2019. It stands first, so what
is left out is that of all the others and of the rounding to the lattice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

from registry.errors import ConfigError
from trainer.transforms.base import Next, TransformContext, TransformedUpdate
from trainer.types import FloatVector
from trainer.vectors.lattice import dequantize, euclidean_norm

__all__ = ["RESIDUAL", "ErrorFeedback"]

RESIDUAL = "residual"
"""The name of what is kept: what was left out so far, in units of the parameters."""


@final
@dataclass(frozen=True)
class ErrorFeedback:
    """sends Δ + e; e ← Δ + e − what arrived on the lattice."""

    @property
    def name(self) -> str:
        """Returns "error_feedback"."""
        return "error_feedback"

    def apply(
        self, delta: FloatVector, around: TransformContext, onward: Next
    ) -> TransformedUpdate:
        """Sends the update with what was left out before; tells how much is left out now.

        Raises:
            ConfigError: what was left out before is of another length.
        """
        before = around.memory.get(RESIDUAL)
        if before is not None and before.shape != delta.shape:
            raise ConfigError(
                f"error_feedback: expected {delta.size} values left out before, got {before.size}; "
                "the same tensors have to be trained in every round"
            )
        whole = delta if before is None else delta + before
        sent = onward(whole)
        residual = whole - dequantize(sent.vector, around.lattice)
        told = {**sent.diagnostics, RESIDUAL: euclidean_norm(residual)}
        return replace(sent, memory={**sent.memory, RESIDUAL: residual}, diagnostics=told)
