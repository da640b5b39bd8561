"""What the strategies that take the aggregate as a gradient have in common.

Reddi, Charles, Zaheer, Garrett, Rush, Konečný, Kumar, McMahan: "Adaptive Federated Optimization",
ICLR 2021: the server treats the mean of deltas as a pseudo-gradient of an optimizer of its own.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch

from trainer.strategies.base import ServerMemory, ServerState, load_state
from trainer.strategies.blockwise import stepped
from trainer.strategies.client_needs import NO_NEEDS, ClientNeeds
from trainer.strategies.weighting import PLAIN, SampleCounts, UpdateWeights, WeightingScheme
from trainer.types import FloatVector, IntVector, Lattice
from trainer.vectors.layout import Layout

__all__ = ["ServerOptimizer"]


class ServerOptimizer(ABC):
    """A strategy that remembers vectors and moves the base by a step that follows from them."""

    client_needs: ClassVar[ClientNeeds] = NO_NEEDS

    @property
    @abstractmethod
    def name(self) -> str:
        """The name in a round's terms."""

    @property
    @abstractmethod
    def state_names(self) -> tuple[str, ...]:
        """The names of what it remembers."""

    @property
    def squares(self) -> tuple[str, ...]:
        """The names of what it remembers in squared units of the parameters."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """What updates weigh: by the number of examples, unless a strategy says otherwise."""
        return SampleCounts()

    @abstractmethod
    def step(
        self, memory: ServerMemory, delta: FloatVector
    ) -> tuple[FloatVector, dict[str, FloatVector]]:
        """Returns the step, and what is remembered of it, of any part of the vector.

        Args:
            memory: of the last round; zeros before the first; shape (n,) each, not to be changed.
            delta: the aggregate in real numbers, shape (n,).
        """

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: ServerMemory | None = None,
    ) -> ServerState:
        """Returns the state at the base version."""
        found = load_state(self.name, self.state_names, layout, memory)
        return ServerState(dict(base), layout, lattice, found)

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: UpdateWeights = PLAIN
    ) -> ServerState:
        """Returns the state after a round.

        Raises:
            AggregationError: another length or type, or an overflow of a tensor's type.
        """
        return stepped(state, aggregate, self.step, float(weighing.scale), self.squares)
