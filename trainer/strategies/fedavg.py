"""Federated averaging.

McMahan, Moore, Ramage, Hampson, Agüera y Arcas: "Communication-Efficient Learning of Deep Networks
from Decentralized Data", AISTATS 2017, algorithm 1, with the mean taken over lattice deltas:
averaging deltas and adding them to the base is averaging models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch

from trainer.strategies.base import ServerMemory, ServerState, load_state
from trainer.strategies.client_needs import NO_NEEDS, ClientNeeds
from trainer.strategies.weighting import PLAIN, SampleCounts, UpdateWeights, WeightingScheme
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.server_step import apply_aggregate

__all__ = ["FedAvg"]


@final
@dataclass(frozen=True)
class FedAvg:
    """new = base + aggregate · 2^(e - g), rounded to each tensor's type (A-3)."""

    client_needs: ClassVar[ClientNeeds] = NO_NEEDS

    @property
    def name(self) -> str:
        """Returns "fedavg"."""
        return "fedavg"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing: the average needs no memory of its own."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns the numbers of examples."""
        return SampleCounts()

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: ServerMemory | None = None,
    ) -> ServerState:
        """Returns the state at the base version, whatever was remembered there."""
        return ServerState(dict(base), layout, lattice, load_state(self.name, (), layout, None))

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: UpdateWeights = PLAIN
    ) -> ServerState:
        """Returns the state with the aggregate added to the trained tensors.

        Raises:
            AggregationError: another length or type, or an overflow of a tensor's type.
        """
        tensors = apply_aggregate(state.tensors, state.layout, aggregate, state.lattice)
        return replace(state, tensors=tensors)
