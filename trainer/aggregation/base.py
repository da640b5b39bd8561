"""What a combining rule is: init, add, finish over explicit state."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Generic, TypeVar

from registry.errors import AggregationError
from trainer.types import IntVector, Lattice

__all__ = ["Aggregator"]

S = TypeVar("S")


class Aggregator(ABC, Generic[S]):
    """A rule that combines integer vectors into one, as a fold.

    The state is explicit: a rule that can stream keeps one accumulator, one that can't keeps the
    vectors. `add` may change the state that it is given, and returns it. For every order of the
    same updates and every number of threads, `finish` gives the same bits.
    """

    @abstractmethod
    def init(self, length: int, lattice: Lattice) -> S:
        """Returns the state before the first vector of `length` values."""

    @abstractmethod
    def add(self, state: S, vector: IntVector, weight: int) -> S:
        """Takes one vector in.

        Args:
            state: what `init` or `add` returned.
            vector: shape (length,), the lattice's type.
            weight: at least 1.

        Raises:
            AggregationError: another length or type, a weight below 1, or an overflow to come.
        """

    @abstractmethod
    def without(self, state: S, vector: IntVector, weight: int) -> S:
        """Returns a new state as if one vector had not been added.

        Raises:
            AggregationError: it wasn't, as far as the state can tell.
        """

    @abstractmethod
    def finish(self, state: S) -> IntVector:
        """Returns the aggregate, shape (length,), int32, in units of `2**(e - g)`.

        Raises:
            AggregationError: too few vectors for the rule's bound.
        """

    def combine(self, updates: Iterable[tuple[IntVector, int]], lattice: Lattice) -> IntVector:
        """Returns the aggregate of (vector, weight) pairs, taken one at a time.

        Raises:
            AggregationError: no pair, or one that `add` refuses.
        """
        state: S | None = None
        for vector, weight in updates:
            if state is None:
                state = self.init(vector.size, lattice)
            state = self.add(state, vector, weight)
        if state is None:
            raise AggregationError("expected at least one update, got none")
        return self.finish(state)
