"""A rule over a tree of bounded fan-in: groups of neighbours first, then the groups' results.

Sums of integers don't depend on where they are taken, so the mean over a tree is the mean itself,
to the bit. A robust rule gives another result than over all updates at once: it bears what it
bears in each group, and then a part of the groups; what its bound asks for, it asks of every group.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import final

from registry.errors import ConfigError
from trainer.aggregation.robust import Decision, RobustRule
from trainer.aggregation.update_matrix import PlainMatrix, UpdateMatrix
from trainer.types import IntVector, Lattice

__all__ = ["AggregationTree", "even_groups"]


@final
@dataclass(frozen=True)
class AggregationTree(RobustRule):
    """A robust rule at every node of a tree over the rows.

    Args:
        rule: what each node applies.
        fan_in: the most inputs of a node, at least 2.

    Raises:
        ConfigError: below 2.
    """

    rule: RobustRule
    fan_in: int = 32

    def __post_init__(self) -> None:
        """Checks the range."""
        if self.fan_in < 2:
            raise ConfigError(f"tree: expected a fan-in of at least 2, got {self.fan_in}")

    @property
    def name(self) -> str:
        """Returns "tree" and the rule's name."""
        return f"tree+{self.rule.name}"

    @property
    def min_updates(self) -> int:
        """Returns what the rule asks for in a single group."""
        return self.rule.min_updates

    def supports(self, count: int) -> bool:
        """Tells whether every node of the tree has inputs enough."""
        if count <= self.fan_in:
            return self.rule.supports(count)
        sizes = even_groups(count, self.fan_in)
        return self.rule.supports(len(sizes)) and all(map(self.supports, set(sizes)))

    def aggregate(self, rows: UpdateMatrix) -> Decision:
        """Returns the decision at the top; a row that its group left out is told by its place."""
        if rows.count <= self.fan_in or not isinstance(rows, PlainMatrix):
            return self.rule.aggregate(rows)
        below: list[IntVector] = []
        excluded: dict[int, str] = {}
        ends = accumulate(even_groups(rows.count, self.fan_in), initial=0)
        groups = [range(*pair) for pair in pairwise(ends)]
        for group in groups:
            made = self._node([rows.vectors[place] for place in group], rows.lattice)
            below.append(made.values)
            excluded |= {group[place]: why for place, why in made.excluded.items()}
        top = self._node(below, _inner(rows.lattice))
        for place, why in top.excluded.items():
            for row in groups[place]:
                excluded.setdefault(row, f"its group was left out: {why}")
        return Decision(top.values, excluded)

    def _node(self, vectors: Sequence[IntVector], lattice: Lattice) -> Decision:
        return self.aggregate(PlainMatrix(vectors, lattice))


def even_groups(count: int, fan_in: int) -> list[int]:
    """Returns the sizes of the groups below the top of a tree over `count` rows, the larger first.

    The tree has the least height, and its groups differ by one at most.

    Example:
        >>> even_groups(33, 32)
        [17, 16]
    """
    if count <= fan_in:
        return [count]
    reach = fan_in
    while reach * fan_in < count:
        reach *= fan_in
    groups = -(-count // reach)
    small, larger = divmod(count, groups)
    return [small + 1] * larger + [small] * (groups - larger)


def _inner(lattice: Lattice) -> Lattice:
    """Returns the lattice that a node's result is on: whole units of what the aggregate counts."""
    return Lattice(bits=32, step_exponent=lattice.aggregate_exponent)
