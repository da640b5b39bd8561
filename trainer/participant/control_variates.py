"""A participant's side of SCAFFOLD: its own control, kept from round to round.

The control after a round lies in that round's folder (`trainer.participant.client_state`); what it
is for is told in `trainer.strategies.scaffold`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np

from registry.errors import ConfigError
from trainer.participant.client_state import keep_vectors
from trainer.plan.training_plan import LocalPlan
from trainer.strategies import CONTROL_VARIATE, ServerMemory, client_control_variate
from trainer.types import FloatVector
from trainer.vectors.layout import Layout

__all__ = ["CONTROL_VARIATE_FILE", "ControlVariates"]

CONTROL_VARIATE_FILE = "control.safetensors"


@dataclass(frozen=True, eq=False)
class ControlVariates:
    """The two controls that a round begins with, in units of parameters, shape (n,).

    Args:
        own: the participant's.
        shared: the server's, at the base version.
        folder: of this round.
    """

    own: FloatVector
    shared: FloatVector
    folder: Path

    @classmethod
    def of(
        cls, kept: Mapping[str, FloatVector], memory: ServerMemory, layout: Layout, folder: Path
    ) -> Self:
        """Finds both; zeros before the first round.

        Args:
            kept: what the participant's last counted round left; nothing at first.
            memory: of the base version.
            layout: of the vectors.
            folder: of this round.

        Raises:
            ConfigError: a kept control that isn't of this layout.
        """
        zeros = np.zeros(layout.length)
        found, shared = kept.get(CONTROL_VARIATE, zeros), memory.get(CONTROL_VARIATE, zeros)
        if found.shape != zeros.shape or shared.shape != zeros.shape:
            raise ConfigError(
                f"scaffold: expected controls of {layout.length} values, got {found.size} and "
                f"{shared.size}; the same tensors have to be trained in every round"
            )
        return cls(found, shared, folder)

    def correction(self, plan: LocalPlan) -> FloatVector:
        """Returns what is added to every local gradient, `c − cᵢ`."""
        return (self.shared - self.own) / (plan.steps * float(plan.learning_rate))

    def keep(self, delta: FloatVector) -> None:
        """Keeps the control after this round.

        Args:
            delta: the update as it was put on the lattice, in real numbers.
        """
        after = client_control_variate(self.own, self.shared, delta)
        keep_vectors(self.folder, CONTROL_VARIATE_FILE, {CONTROL_VARIATE: after})
