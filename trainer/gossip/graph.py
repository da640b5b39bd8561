"""Who mixes with whom: a connected graph over the addresses of peers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Self, final

from registry.addresses import address_order, parse_address
from registry.documents.canonical_json import canonical, parse, require_fields
from registry.errors import ConfigError

__all__ = ["LARGEST_GRAPH", "Graph", "named_graph"]

FORMAT = "tallystick/graph/1"
LARGEST_GRAPH = 1 << 20


@final
@dataclass(frozen=True)
class Graph:
    """Undirected edges between checksummed addresses, each pair in ascending order.

    The round-trip law: `Graph.parse(g.to_json()) == g`.

    Raises:
        ConfigError: no edge, a loop, the same edge twice, or parts that no edge connects.
    """

    edges: tuple[tuple[str, str], ...]

    def __post_init__(self) -> None:
        """Checks that it is one connected, simple graph."""
        if not self.edges:
            raise ConfigError("graph: expected at least one edge")
        if any(a == b for a, b in self.edges):
            raise ConfigError("graph: expected edges between two peers, got one from a peer to it")
        if self.edges != tuple(sorted({_ordered(a, b) for a, b in self.edges}, key=_places)):
            raise ConfigError("graph: expected every edge once, by ascending addresses")
        missing = set(self.peers) - set(_reachable(self, self.peers[0]))
        if missing:
            raise ConfigError(
                f"graph: {min(missing)} can't be reached from {self.peers[0]}: those two would "
                "never agree; add an edge between the parts"
            )

    @classmethod
    def of(cls, edges: Iterable[tuple[str, str]]) -> Self:
        """Returns the graph of edges in any order and direction."""
        ordered = sorted({_ordered(a, b) for a, b in edges}, key=_places)
        return cls(tuple(ordered))

    @property
    def peers(self) -> list[str]:
        """The addresses, ascending."""
        return sorted({peer for edge in self.edges for peer in edge}, key=address_order)

    def neighbours(self, peer: str) -> list[str]:
        """Returns whom a peer mixes with, ascending; nobody for one that isn't in the graph."""
        found = {a if b == peer else b for a, b in self.edges if peer in (a, b)}
        return sorted(found, key=address_order)

    def divisor(self, a: str, b: str) -> int:
        """Returns what a difference along an edge is divided by: Metropolis, 1 + max degree."""
        return 1 + max(len(self.neighbours(a)), len(self.neighbours(b)))

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical({"format": FORMAT, "edges": [list(edge) for edge in self.edges]})

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the text."""
        return sha256(self.to_json()).digest()

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or not a connected graph.
        """
        found = require_fields(parse(data, LARGEST_GRAPH, "graph"), ("format", "edges"), "graph")
        if found["format"] != FORMAT:
            raise ConfigError(f"graph: expected format {FORMAT}, got {found['format']!r}")
        return cls.of(_pairs(found["edges"]))


def named_graph(name: str, peers: Iterable[str]) -> Graph:
    """Returns the "ring", "hypercube" or "complete" graph over peers in ascending order.

    In a hypercube, peers whose places differ in one binary digit are neighbours: of n peers each
    has at most log₂ n, and any two are at most so many steps apart.

    Raises:
        ConfigError: fewer than two peers, or another name.
    """
    order = sorted(set(peers), key=address_order)
    count = len(order)
    if count < 2:
        raise ConfigError(f"graph: expected at least two peers, got {count}")
    if name == "ring":
        places = [(i, (i + 1) % count) for i in range(count)]
    elif name == "complete":
        places = [(i, j) for j in range(count) for i in range(j)]
    elif name == "hypercube":
        bits = range((count - 1).bit_length())
        places = [(i, i | 1 << b) for i in range(count) for b in bits if not i >> b & 1]
        places = [(i, j) for i, j in places if j < count]
    else:
        raise ConfigError(f"graph: expected ring, hypercube or complete, got {name!r}")
    return Graph.of((order[i], order[j]) for i, j in places)


def _pairs(edges: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(edges, list):
        raise ConfigError("graph: expected a list of edges")
    for edge in edges:
        if not isinstance(edge, list) or len(edge) != 2:
            raise ConfigError("graph: expected every edge to be two addresses")
        yield parse_address(edge[0]), parse_address(edge[1])


def _reachable(graph: Graph, start: str) -> set[str]:
    found, left = {start}, [start]
    while left:
        fresh = [peer for peer in graph.neighbours(left.pop()) if peer not in found]
        found.update(fresh)
        left += fresh
    return found


def _places(edge: tuple[str, str]) -> tuple[int, int]:
    return address_order(edge[0]), address_order(edge[1])


def _ordered(a: str, b: str) -> tuple[str, str]:
    return (a, b) if address_order(a) < address_order(b) else (b, a)
