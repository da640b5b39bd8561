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
from trainer.strategies.weighting import PLAIN, Weigher, Weighing
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State

__all__ = ["Memory", "ServerState", "Strategy", "remembered"]

Memory = Mapping[str, npt.NDArray[np.float64]]
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
    memory: Memory = field(default_factory=dict)


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
    def keeps(self) -> tuple[str, ...]:
        """The names of what it remembers."""

    @property
    def weigher(self) -> Weigher:
        """What updates weigh in the mean."""

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: Memory | None = None,
    ) -> ServerState:
        """Returns the state at the base version.

        Raises:
            AggregationError: a memory of another strategy, or of another length.
        """

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: Weighing = PLAIN
    ) -> ServerState:
        """Returns the state after a round; a pure function of its arguments (A-4).

        Args:
            state: at the base version.
            aggregate: shape (n,), int32.
            weighing: what the weigher gave for the aggregate's updates.
        """


def remembered(
    name: str, keeps: tuple[str, ...], layout: Layout, memory: Memory | None
) -> dict[str, npt.NDArray[np.float64]]:
    """Returns a base version's memory; zeros where it has none.

    Raises:
        AggregationError: other vectors than the strategy keeps, or of another length.
    """
    if not memory:
        return {vector: np.zeros(layout.length) for vector in keeps}
    if set(memory) != set(keeps):
        raise AggregationError(
            f"{name}: expected the base version to remember {sorted(keeps)}, got {sorted(memory)}: "
            "go on with the strategy that made it, or from a version without a memory"
        )
    for vector, values in memory.items():
        if values.shape != (layout.length,):
            raise AggregationError(
                f"{name}: expected {vector} of the shape ({layout.length},), got {values.shape}: "
                "the same tensors have to be trained"
            )
    return dict(memory)
