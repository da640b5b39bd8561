"""What a server strategy is: an init / apply pair over explicit state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import torch

from trainer.aggregation.mean import Mean
from trainer.parameters import Layout
from trainer.tensor_files import State
from trainer.types import IntVector, Lattice

__all__ = ["ServerState", "Strategy"]


@dataclass(frozen=True)
class ServerState:
    """What the server carries from version to version.

    Args:
        tensors: every tensor of the version.
        layout: those that are trained.
        lattice: the integers' exponents.
    """

    tensors: State
    layout: Layout
    lattice: Lattice


class Strategy(Protocol):
    """The server's step. Its `name` is what terms say on the chain."""

    @property
    def name(self) -> str:
        """The name in a round's terms."""

    @property
    def aggregator(self) -> Mean:
        """The rule that combines the updates before the step."""

    def init(
        self, base: Mapping[str, torch.Tensor], layout: Layout, lattice: Lattice
    ) -> ServerState:
        """Returns the state at the base version."""

    def apply(self, state: ServerState, aggregate: IntVector) -> ServerState:
        """Returns the state after a round; a pure function of its arguments (A-4)."""
