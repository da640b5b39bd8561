"""FedProx: local training is held to the base version.

Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith: "Federated Optimization in Heterogeneous Networks",
MLSys 2020: `μ/2 · ‖w − w₀‖²` is added to the local loss, so that long training on unlike data
drifts less. The server's side is that of federated averaging.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import torch

__all__ = ["ProximalTerm"]


@dataclass(frozen=True, eq=False)
class ProximalTerm:
    """The pull towards where training began.

    Args:
        strength: μ, 0 for none.
        parameters: what is trained.
        anchors: their values at the beginning.
    """

    strength: float
    parameters: Sequence[torch.nn.Parameter]
    anchors: Sequence[torch.Tensor]

    @classmethod
    def of(cls, module: torch.nn.Module, strength: float) -> Self:
        """Remembers a module's trained parameters; nothing without a strength."""
        trained = [p for p in module.parameters() if p.requires_grad] if strength else []
        return cls(strength, trained, [p.detach().clone() for p in trained])

    def add_gradient(self) -> None:
        """Adds the term's gradient, `μ · (w − w₀)`, to those of the parameters."""
        for parameter, anchor in zip(self.parameters, self.anchors, strict=True):
            if parameter.grad is not None:
                parameter.grad.add_(parameter.detach() - anchor, alpha=self.strength)
