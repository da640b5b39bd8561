"""FedProx: local training is held to the base version.

Li, Sahu, Zaheer, Sanjabi, Talwalkar, Smith: "Federated Optimization in Heterogeneous Networks",
MLSys 2020: `μ/2 · ‖w − w₀‖²` is added to the local loss, so that long training on unlike data
drifts less. The server's side is that of federated averaging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import torch

from registry.errors import TrainingError

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

    @classmethod
    def towards(
        cls, module: torch.nn.Module, strength: float, anchors: Mapping[str, torch.Tensor]
    ) -> Self:
        """Pulls a module's trained parameters to given values instead of to where they begin.

        Args:
            module: what is trained.
            strength: μ, 0 for none.
            anchors: a value of the same shape for each of the module's parameters, by name.

        Raises:
            TrainingError: a trained parameter has no anchor.
        """
        named = [(n, p) for n, p in module.named_parameters() if p.requires_grad and strength]
        if missing := [name for name, _ in named if name not in anchors]:
            raise TrainingError(f"expected an anchor for {missing[0]!r}, got none; give them all")
        return cls(strength, [p for _, p in named], [anchors[n].detach().clone() for n, _ in named])

    def add_gradient(self) -> None:
        """Adds the term's gradient, `μ · (w − w₀)`, to those of the parameters."""
        for parameter, anchor in zip(self.parameters, self.anchors, strict=True):
            if parameter.grad is not None:
                parameter.grad.add_(parameter.detach() - anchor, alpha=self.strength)
