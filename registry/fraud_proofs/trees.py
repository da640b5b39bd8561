"""The tree of an aggregation (F-8), built over the updates that count.

Levels are counted from the leaves: level 0 holds the nodes above updates, the last level the top
alone. What a node commits to stands in `registry.fraud_proofs.nodes`, and is offered here as well.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Self, final

from registry.addresses import address_order
from registry.fraud_proofs.nodes import (
    DEPTH,
    FAN_IN,
    Children,
    Node,
    Path,
    RevealedUpdate,
    children_hash,
    is_absent,
    is_path,
    is_sound,
    leaf_hash,
    node_hash,
    require,
)
from registry.fraud_proofs.robust_trees import sizes_of

__all__ = [
    "DEPTH",
    "FAN_IN",
    "Children",
    "Node",
    "Path",
    "RevealedUpdate",
    "RootOf",
    "Tree",
    "children_hash",
    "is_absent",
    "is_path",
    "is_sound",
    "leaf_hash",
    "node_hash",
]

RootOf = Callable[[int, int, int, int], bytes]
"""Gives the numerators' root of a node: `(level, position, first_leaf, last_leaf) -> 32 bytes`,
both leaves included. Levels are asked from 0 upwards, positions from left to right."""


@final
@dataclass(frozen=True)
class Tree:
    """An aggregation's tree, whose shape the number of leaves fixes.

    `levels[0]` are the nodes above the leaves, `levels[-1]` holds the top. With a `fan_in` it is
    one that somebody grouped otherwise: every node but the last of a level has so many children.
    """

    leaves: tuple[RevealedUpdate, ...]
    levels: tuple[tuple[Node, ...], ...]
    fan_in: int | None = None

    @classmethod
    def build(
        cls, leaves: Sequence[RevealedUpdate], root_of: RootOf, fan_in: int | None = None
    ) -> Self:
        """Returns the tree of leaves in ascending order of their participants.

        Args:
            leaves: at least one, each participant once.
            root_of: gives the root of every node's numerators.
            fan_in: as for `unchecked`.

        Raises:
            ConfigError: no leaf, leaves out of order, or more than four levels hold.
        """
        places = [address_order(leaf.participant) for leaf in leaves]
        for position, (before, after) in enumerate(pairwise([0, *places])):
            require(f"leaf {position}", before < after, leaves[position].participant, "more")
        return cls.unchecked(leaves, root_of, fan_in)

    @classmethod
    def unchecked(
        cls, leaves: Sequence[RevealedUpdate], root_of: RootOf, fan_in: int | None = None
    ) -> Self:
        """Returns one as somebody might propose it: of leaves in any order, grouped in any way.

        Args:
            leaves: at least one.
            root_of: gives the root of every node's numerators.
            fan_in: children of a node at most, 2 to 32; None for the shape that is right.

        Raises:
            ConfigError: no leaf, or more than four levels hold.
        """
        require("fan-in", fan_in is None or 2 <= fan_in <= FAN_IN, fan_in, f"2 to {FAN_IN}")
        most = (fan_in or FAN_IN) ** DEPTH
        require("leaves", 1 <= len(leaves) <= most, len(leaves), f"1 to {most} of them")
        levels: list[tuple[Node, ...]] = []
        while not levels or len(levels[-1]) > 1:
            so_far = cls(tuple(leaves), tuple(levels), fan_in)
            groups = range(len(so_far._edges[len(levels)]) - 1)
            levels.append(tuple(so_far._node(len(levels), at, root_of) for at in groups))
        return cls(tuple(leaves), tuple(levels), fan_in)

    def _node(self, level: int, position: int, root_of: RootOf) -> Node:
        first, last = self.span(level, position)
        children = self.children(level, position)
        root = root_of(level, position, first, last)
        inside = self.leaves[first : last + 1]
        weight = sum(leaf.weight for leaf in inside)
        ends = inside[0].participant, inside[-1].participant
        return Node(*ends, len(inside), weight, root, children_hash(children.hashes))

    @cached_property
    def _edges(self) -> tuple[tuple[int, ...], ...]:
        """Where each node of each level begins among the leaves, and where the last one ends."""
        count = len(self.leaves)
        if self.fan_in is None:
            return _balanced_edges(count)
        levels, width = [], self.fan_in
        while True:
            levels.append((*range(0, count, width), count))
            if width >= count:
                return tuple(levels)
            width *= self.fan_in

    @property
    def top(self) -> Node:
        """The node above all others."""
        return self.levels[-1][0]

    def span(self, level: int, position: int) -> tuple[int, int]:
        """Returns the first and the last leaf below a node, both included."""
        edges = self._edges[level]
        return edges[position], edges[position + 1] - 1

    def _group(self, level: int, position: int) -> tuple[int, int]:
        """Returns the first child of a node among those of its level, and the first beyond."""
        first, last = self.span(level, position)
        if level == 0:
            return first, last + 1
        below = self._edges[level - 1]
        return bisect_left(below, first), bisect_left(below, last + 1)

    def children(self, level: int, position: int) -> Children:
        """Returns the children of the node at `position` of `level`."""
        group = slice(*self._group(level, position))
        if level == 0:
            return Children(leaves=self.leaves[group])
        return Children(nodes=self.levels[level - 1][group])

    def path(self, level: int, position: int) -> Path:
        """Returns the way from the top to the node at `position` of `level`.

        Raises:
            ConfigError: there is no such node.
        """
        levels = len(self.levels)
        require("level", 0 <= level < levels, level, f"0 to {levels - 1}")
        count = len(self.levels[level])
        require("position", 0 <= position < count, position, f"0 to {count - 1}")
        path, place = Path.of(self.top), 0
        first, _ = self.span(level, position)
        for above in range(levels - 1, level, -1):
            below = bisect_right(self._edges[above - 1], first) - 1
            begin, _ = self._group(above, place)
            path, place = path.down(self.children(above, place), below - begin), below
        return path

    def where(self, participant: str) -> tuple[int, int]:
        """Returns (level, position) of the lowest node in whose range a participant lies.

        Of a participant that is in no leaf, this node's path and children show it (`is_absent`).
        """
        place, level, position = address_order(participant), len(self.levels) - 1, 0
        while level > 0:
            ends = enumerate(self.children(level, position).ends)
            turn = next((turn for turn, end in ends if end[0] <= place <= end[1]), None)
            if turn is None:
                break
            level, position = level - 1, self._group(level, position)[0] + turn
        return level, position


def _balanced_edges(count: int) -> tuple[tuple[int, ...], ...]:
    """Returns the edges of the tree over `count` leaves, from the lowest level up."""
    widths = [count]
    levels: list[tuple[int, ...]] = [(0, count)]
    while widths[0] > FAN_IN:
        widths = [size for width in widths for size in sizes_of(width)]
        levels.append(tuple(accumulate(widths, initial=0)))
    return tuple(reversed(levels))
