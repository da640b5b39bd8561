"""What is added to the gradients of local training: a pull to the base, and a correction of drift.

`ProximalTerm` is FedProx's; a correction is SCAFFOLD's `c − cᵢ`, the same at every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import torch

from trainer.training.proximal import ProximalTerm

__all__ = ["GradientCorrection"]


@dataclass(frozen=True, eq=False)
class GradientCorrection:
    """Called between the gradients and the optimizer's step.

    Args:
        proximal: the pull to where training began.
        corrections: pairs of a parameter and what is added to its gradient.
    """

    proximal: ProximalTerm
    corrections: tuple[tuple[torch.nn.Parameter, torch.Tensor], ...] = field(default=())

    @classmethod
    def of(
        cls,
        module: torch.nn.Module,
        proximal: ProximalTerm,
        correction: Mapping[str, torch.Tensor] | None = None,
    ) -> Self:
        """Looks up a module's trained parameters.

        Args:
            module: where training begins.
            proximal: the pull, made for this module.
            correction: by the parameters' names; those that it doesn't name go uncorrected.
        """
        named = {name: p for name, p in module.named_parameters() if p.requires_grad}
        pairs = tuple(
            (named[name], value.to(named[name].device, named[name].dtype))
            for name, value in (correction or {}).items()
            if name in named
        )
        return cls(proximal, pairs)

    def add_gradients(self) -> None:
        """Adds the terms to the gradients of the parameters."""
        self.proximal.add_gradient()
        for parameter, value in self.corrections:
            if parameter.grad is not None:
                parameter.grad.add_(value)
