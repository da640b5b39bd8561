"""What a server strategy is: an init / apply pair over explicit state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

import numpy as np
import numpy.typing as npt
import torch

from registry.errors import AggregationError
from trainer.strategies.client_needs import ClientNeeds
from trainer.strategies.weighting import PLAIN, UpdateWeights, WeightingScheme
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State

__all__ = ["ServerMemory", "ServerState", "Strategy", "load_state"]

ServerMemory = Mapping[str, npt.NDArray[np.float64]]
"""Vectors of the layout's length, by name."""


@dataclass(frozen=True, eq=False)
class ServerState:
    """What the server carries from version to version.

    Args:
        tensors: every tensor of the version.
        layout: those that are trained.
        lattice: the integers' exponents.
        memory: what the strategy remembers of earlier rounds; part of the version's folder.
    """

    tensors: State
    layout: Layout
    lattice: Lattice
    memory: ServerMemory = field(default_factory=dict)


class Strategy(Protocol):
    """The server's step. Its `name` is what terms say on the chain.

    Arithmetic is binary64, one operation at a time, value by value: each is rounded as IEEE 754
    says, so every machine finds the same bits (A-4).
    """

    @property
    def name(self) -> str:
        """The name in a round's terms."""

    client_needs: ClassVar[ClientNeeds]
    """What participants of its rounds have to do; the same whatever the parameters."""

    @property
    def state_names(self) -> tuple[str, ...]:
        """The names of what it remembers."""

    @property
    def weighting(self) -> WeightingScheme:
        """What updates weigh in the mean."""

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: ServerMemory | None = None,
    ) -> ServerState:
        """Returns the state at the base version.

        Raises:
            AggregationError: a memory of another strategy, or of another length.
        """

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: UpdateWeights = PLAIN
    ) -> ServerState:
        """Returns the state after a round; a pure function of its arguments (A-4).

        Args:
            state: at the base version.
            aggregate: shape (n,), int32.
            weighing: what the weigher gave for the aggregate's updates.
        """


def load_state(
    name: str, state_names: tuple[str, ...], layout: Layout, memory: ServerMemory | None
) -> dict[str, npt.NDArray[np.float64]]:
    """Returns a base version's memory; zeros where it has none.

    Raises:
        AggregationError: other vectors than the strategy keeps, or of another length.
    """
    if not memory:
        return {vector: np.zeros(layout.length) for vector in state_names}
    if set(memory) != set(state_names):
        raise AggregationError(
            f"{name}: expected the base version to remember {sorted(state_names)}, got "
            f"{sorted(memory)}: "
            "go on with the strategy that made it, or from a version without a memory"
        )
    for vector, values in memory.items():
        if values.shape != (layout.length,):
            raise AggregationError(
                f"{name}: expected {vector} of the shape ({layout.length},), got {values.shape}: "
                "the same tensors have to be trained"
            )
    return dict(memory)
