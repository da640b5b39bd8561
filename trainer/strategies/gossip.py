"""Gossip: no coordinator averages; peers mix what they have with their neighbours until they agree.

Boyd, Ghosh, Prabhakar, Shah: "Randomized Gossip Algorithms", IEEE Transactions on Information
Theory 2006, with the deterministic Metropolis weights of Xiao, Boyd, Lall: "A Scheme for Robust
Distributed Sensor Fusion Based on Average Consensus", IPSN 2005, in integers
(`trainer.gossip.mixing`). What the peers agree on is the plain mean of their updates, so the
version that is published is that mean, exact, and anyone replays it as any other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, final

import torch

from registry.errors import ConfigError
from trainer.plan.decimals import decimal
from trainer.strategies.base import ServerMemory, ServerState, load_state
from trainer.strategies.client_needs import ClientNeeds
from trainer.strategies.weighting import PLAIN, EqualCounts, UpdateWeights, WeightingScheme
from trainer.types import IntVector, Lattice
from trainer.vectors.layout import Layout
from trainer.vectors.server_step import apply_aggregate

__all__ = ["Gossip"]

_GRAPH = re.compile(r"ring|hypercube|complete|[0-9a-f]{64}")
_ROUND = re.compile(r"(|[0-9a-f]{64})")


@final
@dataclass(frozen=True)
class Gossip:
    """new = base + the plain mean; what the peers mix is in rounds of their own, one per step.

    Args:
        graph: who mixes with whom: "ring", "hypercube", "complete", or the SHA-256 digest of a
            graph document in storage, 64 small hexadecimal digits.
        steps: the most mixing steps, 1 to 10,000.
        tolerance: the peers agree when no value differs from a neighbour's by more, in units of
            the aggregate (A-3); a natural number.
        of: for a mixing step, the round whose updates are mixed; empty for that round itself.
        step: the mixing step's number from 1; 0 for the round whose updates are mixed.

    Raises:
        ConfigError: out of range.
    """

    client_needs: ClassVar[ClientNeeds] = ClientNeeds(mixes_among_peers=True)

    graph: str = "ring"
    steps: str = "100"
    tolerance: str = "256"
    of: str = ""
    step: str = "0"

    def __post_init__(self) -> None:
        """Checks the ranges."""
        if not isinstance(self.graph, str) or not _GRAPH.fullmatch(self.graph):
            raise ConfigError(
                "gossip: expected graph to be ring, hypercube, complete or a digest of 64 "
                f"hexadecimal digits, got {self.graph!r}"
            )
        self._check_natural("steps", 1, 10_000)
        self._check_natural("tolerance", 0, 2**31)
        self._check_natural("step", 0, self.most_steps)
        if not isinstance(self.of, str) or not _ROUND.fullmatch(self.of):
            raise ConfigError(f"gossip: expected of to be a round's id, got {self.of!r}")
        if bool(self.of) != bool(self.number):
            raise ConfigError("gossip: a mixing step names its round, and only a mixing step does")

    def _check_natural(self, name: str, least: int, most: int) -> None:
        if not decimal(f"gossip: {name}", getattr(self, name), least, most).is_integer():
            raise ConfigError(
                f"gossip: expected {name} to be a natural number, got {getattr(self, name)}"
            )

    @property
    def name(self) -> str:
        """Returns "gossip"."""
        return "gossip"

    @property
    def most_steps(self) -> int:
        """The most mixing steps."""
        return int(self.steps)

    @property
    def number(self) -> int:
        """The mixing step's number; 0 for the round whose updates are mixed."""
        return int(self.step)

    @property
    def state_names(self) -> tuple[str, ...]:
        """Returns nothing."""
        return ()

    @property
    def weighting(self) -> WeightingScheme:
        """Returns ones: every peer counts the same."""
        return EqualCounts()

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
        """Returns the state with the mean added to the trained tensors.

        Raises:
            AggregationError: another length or type, or an overflow of a tensor's type.
        """
        tensors = apply_aggregate(state.tensors, state.layout, aggregate, state.lattice)
        return replace(state, tensors=tensors)
