"""What a robust rule is: it gathers the updates, decides about them, and says what it decided.

Rules read no sample counts: a count is a claim (T-30), and a liar's would be the largest.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from registry.errors import AggregationError
from trainer.aggregation.base import Aggregator
from trainer.aggregation.update_matrix import PlainMatrix, UpdateMatrix
from trainer.types import IntVector, Lattice

__all__ = ["Decision", "Gathered", "RobustRule", "require"]


@dataclass(frozen=True, eq=False)
class Decision:
    """An aggregate, and why it is that one.

    Args:
        values: shape (n,), int32, in units of `2**(e - g)`.
        excluded: why a row counted for nothing, by its place.
        shares: each row's part of the aggregate, in billionths; none where a rule takes other rows
            in every column.
        figures: what else the rule has to tell, by name; one number per row each.
    """

    values: IntVector
    excluded: Mapping[int, str] = field(default_factory=dict)
    shares: Sequence[int] = ()
    figures: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass
class Gathered:
    """The updates so far: vectors as they were given, mapped ones stay mapped.

    Args:
        lattice: their type.
        length: how many values each has.
        vectors: in the order in which they came.
        weights: their sample counts.
    """

    lattice: Lattice
    length: int
    vectors: list[IntVector] = field(default_factory=list)
    weights: list[int] = field(default_factory=list)


class RobustRule(Aggregator[Gathered]):
    """A rule that looks at all updates before it decides."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What terms call the rule."""

    @property
    def min_updates(self) -> int:
        """The fewest updates that the rule's bound asks for."""
        return 1

    def supports(self, count: int) -> bool:
        """Tells whether the rule can decide about so many updates."""
        return count >= self.min_updates

    def seated(self, participants: Sequence[str]) -> RobustRule:
        """Returns the rule for the updates of these participants, in their order.

        A rule that trusts one of them finds its place; for others it makes no difference.

        Raises:
            AggregationError: whom the rule trusts isn't among them.
        """
        return self

    @abstractmethod
    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the aggregate of rows, and why.

        Raises:
            AggregationError: fewer rows than the rule's bound asks for.
        """

    def finish_with_reasons(self, state: Gathered) -> Decision:
        """Returns the decision about the updates so far."""
        return self.aggregate(PlainMatrix(state.vectors, state.lattice))

    def init(self, length: int, lattice: Lattice) -> Gathered:
        """Returns the state without an update.

        Raises:
            AggregationError: no values.
        """
        if length < 1:
            raise AggregationError("expected vectors with at least one value")
        return Gathered(lattice, length)

    def add(self, state: Gathered, vector: IntVector, weight: int) -> Gathered:
        """Keeps a vector; it isn't copied."""
        if vector.shape != (state.length,) or vector.dtype != state.lattice.dtype:
            raise AggregationError(
                f"expected {state.lattice.dtype} of the shape {(state.length,)}, "
                f"got {vector.dtype} of the shape {vector.shape}"
            )
        if type(weight) is not int or weight < 1:
            raise AggregationError(f"expected a weight of at least 1, got {weight!r}")
        state.vectors.append(vector)
        state.weights.append(weight)
        return state

    def without(self, state: Gathered, vector: IntVector, weight: int) -> Gathered:
        """Returns a new state without a vector: the very array that was added."""
        for place, kept in enumerate(state.vectors):
            if kept is vector and state.weights[place] == weight:
                vectors = state.vectors[:place] + state.vectors[place + 1 :]
                weights = state.weights[:place] + state.weights[place + 1 :]
                return Gathered(state.lattice, state.length, vectors, weights)
        raise AggregationError("can't take out a vector that wasn't added")

    def finish(self, state: Gathered) -> IntVector:
        """Returns the aggregate."""
        return self.finish_with_reasons(state).values


def require(name: str, count: int, min_updates: int, why: str) -> None:
    """Checks that there are rows enough for a rule's bound.

    Raises:
        AggregationError: there are fewer.
    """
    if count < min_updates:
        raise AggregationError(
            f"{name}: expected at least {min_updates} updates ({why}), got {count}"
        )
