"""One mean per cluster of participants: the server's side of IFCA.

Ghosh, Chung, Yin, Ramchandran: "An Efficient Framework for Clustered Federated Learning", NeurIPS
2020. A vector holds k models of one size, end to end. A participant trains the one that fits its
data best and leaves the others as they are, so its update is zero there: it isn't a member.

As the mean, it has no bound against Byzantine participants (T-31): a single one may be a member of
any cluster, or of all of them, and counts there by its weight.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import final

import numpy as np

from registry.errors import AggregationError, ConfigError
from trainer.aggregation.base import Aggregator
from trainer.aggregation.mean import Mean, MeanState
from trainer.types import IntVector, Lattice

__all__ = ["ClusteredMean", "ClusteredState"]

_MOST = 1_000


@dataclass(frozen=True)
class ClusteredState:
    """The running sums of each segment.

    Args:
        segments: one per cluster, of equal length.
        updates: how many vectors there were, members of a cluster or not.
    """

    segments: tuple[MeanState, ...]
    updates: int = 0


@final
class ClusteredMean(Aggregator[ClusteredState]):
    """The exact weighted mean (A-1) of each equal segment over its members.

    A member of a segment is an update with a value other than zero in it. A segment without
    members moves by nothing.

    Args:
        clusters: how many models the vector holds, 1 to 1,000.

    Raises:
        ConfigError: out of range.
    """

    def __init__(self, clusters: int) -> None:
        if type(clusters) is not int or not 1 <= clusters <= _MOST:
            raise ConfigError(f"clustered_mean: expected 1 to {_MOST} clusters, got {clusters!r}")
        self._clusters = clusters
        self._mean = Mean()

    @property
    def clusters(self) -> int:
        """How many models the vector holds."""
        return self._clusters

    def init(self, length: int, lattice: Lattice) -> ClusteredState:
        """Returns zero sums.

        Raises:
            AggregationError: the vector can't be cut into that many segments.
        """
        if length < 1 or length % self._clusters:
            raise AggregationError(
                f"expected a length that {self._clusters} clusters divide, got {length}; "
                "let each cluster hold the same tensors"
            )
        size = length // self._clusters
        return ClusteredState(tuple(self._mean.init(size, lattice) for _ in range(self._clusters)))

    def add(self, state: ClusteredState, vector: IntVector, weight: int) -> ClusteredState:
        """Adds `weight · vector` to the sums of the segments that the update is a member of."""
        for place in self._membership(state, vector, weight):
            self._mean.add(state.segments[place], self._part(state, vector, place), weight)
        return replace(state, updates=state.updates + 1)

    def without(self, state: ClusteredState, vector: IntVector, weight: int) -> ClusteredState:
        """Returns a new state as if one vector had not been added; exact, since integers are.

        Raises:
            AggregationError: another length or type, or more weight than there is left.
        """
        if state.updates < 1:
            raise AggregationError("can't take out a vector that wasn't added")
        segments = list(state.segments)
        for place in self._membership(state, vector, weight):
            part = self._part(state, vector, place)
            segments[place] = self._mean.without(segments[place], part, weight)
        return ClusteredState(tuple(segments), state.updates - 1)

    def finish(self, state: ClusteredState) -> IntVector:
        """Returns the means, end to end, in units of `2**(e - g)`."""
        if state.updates < 1:
            raise AggregationError("expected at least one update, got none")
        size = state.segments[0].total.size
        nothing = np.zeros(size, np.int32)
        found = [self._mean.finish(s) if s.weight else nothing for s in state.segments]
        return np.concatenate(found)

    def _membership(self, state: ClusteredState, vector: IntVector, weight: int) -> list[int]:
        first = state.segments[0]
        length = first.total.size * self._clusters
        if vector.shape != (length,) or vector.dtype != first.lattice.dtype:
            raise AggregationError(
                f"expected {first.lattice.dtype} of the shape {(length,)}, "
                f"got {vector.dtype} of the shape {vector.shape}"
            )
        if type(weight) is not int or weight < 1:
            raise AggregationError(f"expected a weight of at least 1, got {weight!r}")
        rows = vector.reshape(self._clusters, first.total.size)
        return [int(place) for place in np.flatnonzero(rows.any(axis=1))]

    @staticmethod
    def _part(state: ClusteredState, vector: IntVector, place: int) -> IntVector:
        size = state.segments[0].total.size
        return vector[place * size : (place + 1) * size]
