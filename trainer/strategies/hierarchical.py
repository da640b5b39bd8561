"""Hierarchical averaging: updates are combined in groups, and groups in groups, as a tree.

Liu, Zhang, Song, Letaief: "Client-Edge-Cloud Hierarchical Federated Learning", ICC 2020, with one
aggregation per level and round. The tree is the one that disputes need: a node combines at most
`fan_in` inputs, so checking one takes no more than that many vectors, however large the round is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, final

import torch

from registry.errors import ConfigError
from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory, ServerState
from trainer.strategies.client_needs import NO_NEEDS, ClientNeeds
from trainer.strategies.fedavg import FedAvg
from trainer.strategies.weighting import PLAIN, SampleCounts, UpdateWeights, WeightingScheme
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout

__all__ = ["Hierarchical"]


@final
@dataclass(frozen=True)
class Hierarchical:
    """The step of federated averaging over an aggregate that comes out of a tree.

    Args:
        fan_in: the most inputs of a node, 2 to 32.

    Raises:
        ConfigError: out of range.
    """

    client_needs: ClassVar[ClientNeeds] = NO_NEEDS

    fan_in: str = "32"

    def __post_init__(self) -> None:
        """Checks the range."""
        if not decimal("hierarchical: fan_in", self.fan_in, 2, 32).is_integer():
            raise ConfigError(
                f"hierarchical: expected fan_in to be a natural number, got {self.fan_in}"
            )

    @property
    def name(self) -> str:
        """Returns "hierarchical"."""
        return "hierarchical"

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns the numbers of examples."""
        return SampleCounts()

    @property
    def inputs(self) -> int:
        """The most inputs of a node."""
        return int(float(self.fan_in))

    def init(
        self,
        base: Mapping[str, torch.Tensor],
        layout: Layout,
        lattice: Lattice,
        memory: ServerMemory | None = None,
    ) -> ServerState:
        """Returns the state at the base version, whatever was remembered there."""
        return FedAvg().init(base, layout, lattice, memory)

    def apply(
        self, state: ServerState, aggregate: IntVector, weighing: UpdateWeights = PLAIN
    ) -> ServerState:
        """Returns the state with the aggregate added to the trained tensors.

        Raises:
            AggregationError: another length or type, or an overflow of a tensor's type.
        """
        return FedAvg().apply(state, aggregate)
