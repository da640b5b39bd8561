"""Graphs of peers: connected, simple, and the same text for the same edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.documents.canonical_json import canonical
from registry.errors import ConfigError
from trainer.gossip import Graph, named_graph

PEERS = [f"0x{index:040x}" for index in range(1, 10)]


@given(st.sampled_from(["ring", "hypercube", "complete"]), st.integers(2, 9))
def test_a_named_graph_connects_everybody_whatever_the_order(name: str, count: int) -> None:
    graph = named_graph(name, PEERS[:count])
    assert graph == named_graph(name, reversed(PEERS[:count]))
    assert graph.peers == PEERS[:count]
    assert Graph.parse(graph.to_json()) == graph
    for peer in graph.peers:
        assert all(peer in graph.neighbours(other) for other in graph.neighbours(peer))


@pytest.mark.parametrize(
    ("name", "degree"), [("ring", 2), ("hypercube", 3), ("complete", 7)], ids=str
)
def test_each_of_eight_peers_has_as_many_neighbours_as_the_graph_says(
    name: str, degree: int
) -> None:
    graph = named_graph(name, PEERS[:8])
    assert {len(graph.neighbours(peer)) for peer in graph.peers} == {degree}
    assert graph.divisor(PEERS[0], PEERS[1]) == degree + 1


def test_edges_in_any_order_and_direction_make_the_same_graph() -> None:
    a, b, c = PEERS[:3]
    assert Graph.of([(c, b), (b, a)]).digest == Graph.of([(a, b), (b, c), (c, b)]).digest


@pytest.mark.parametrize(
    ("edges", "told"),
    [
        ([], "at least one edge"),
        ([PEERS[:1] * 2], "from a peer to it"),
        ([PEERS[:2], PEERS[2:4]], "can't be reached"),
        ([PEERS[:3]], "two addresses"),
        ("ring", "a list of edges"),
    ],
    ids=["none", "loop", "parts", "three", "text"],
)
def test_what_is_no_graph_is_refused(edges: object, told: str) -> None:
    text = canonical({"format": "tallystick/graph/1", "edges": edges})
    with pytest.raises(ConfigError, match=told):
        Graph.parse(text)


def test_one_peer_is_nobody_to_mix_with() -> None:
    with pytest.raises(ConfigError, match="at least two peers, got 1"):
        named_graph("ring", PEERS[:1])


def test_a_name_that_isnt_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="ring, hypercube or complete"):
        named_graph("star", PEERS)
