"""A mixing step in integers: it loses nothing, leaves no range, and comes to an end."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pseudocode.gossip import gossip

from trainer.gossip import Graph, named_graph
from trainer.gossip.mixing import Values, flow, mixed, spread

PEERS = [f"0x{index:040x}" for index in range(1, 9)]
LARGEST = 2**31 - 1
values = st.integers(-LARGEST, LARGEST)


@st.composite
def holdings(draw: st.DrawFn) -> tuple[Graph, dict[str, Values]]:
    """A named graph, and what every peer holds."""
    count, length = draw(st.integers(2, 8)), draw(st.integers(1, 4))
    name = draw(st.sampled_from(["ring", "hypercube", "complete"]))
    rows = draw(st.lists(st.lists(values, min_size=length, max_size=length), min_size=8))
    graph = named_graph(name, PEERS[:count])
    return graph, {p: np.array(r, np.int32) for p, r in zip(graph.peers, rows, strict=False)}


def step(graph: Graph, held: dict[str, Values]) -> dict[str, Values]:
    """Everybody's values after a step."""
    near = {peer: [peer, *graph.neighbours(peer)] for peer in graph.peers}
    return {peer: mixed(graph, peer, {p: held[p] for p in near[peer]}) for peer in graph.peers}


@given(holdings())
def test_a_step_keeps_the_sum_to_the_last_bit(held: tuple[Graph, dict[str, Values]]) -> None:
    graph, before = held
    after = step(graph, before)
    sums = [np.sum(list(state.values()), axis=0, dtype=np.int64) for state in (before, after)]
    assert (sums[0] == sums[1]).all()


@given(holdings())
def test_no_value_leaves_the_range_of_all(held: tuple[Graph, dict[str, Values]]) -> None:
    graph, before = held
    after, rows = np.stack(list(step(graph, before).values())), np.stack(list(before.values()))
    assert (after.max(0) <= rows.max(0)).all()
    assert (after.min(0) >= rows.min(0)).all()


@given(values, values, st.integers(2, 100))
def test_a_flow_is_the_same_seen_from_both_ends(a: int, b: int, divisor: int) -> None:
    one, other = np.array([a], np.int32), np.array([b], np.int32)
    assert int(flow(one, other, divisor)[0]) == -int(flow(other, one, divisor)[0])


def test_mixing_ends_no_further_apart_than_the_divisors() -> None:
    graph = named_graph("ring", PEERS)
    made = np.random.default_rng(1).integers(-(2**20), 2**20, (8, 50))
    held = {peer: row.astype(np.int32) for peer, row in zip(PEERS, made, strict=True)}
    for _ in range(200):
        held = step(graph, held)
    assert step(graph, held)[PEERS[0]].tolist() == held[PEERS[0]].tolist()
    for peer in PEERS:
        near = {p: held[p] for p in [peer, *graph.neighbours(peer)]}
        assert spread(peer, near) < graph.divisor(peer, graph.neighbours(peer)[0])


def test_nothing_flows_to_a_peer_that_is_gone() -> None:
    graph = named_graph("ring", PEERS[:3])
    held = {PEERS[0]: np.array([9], np.int32), PEERS[1]: np.array([0], np.int32)}
    assert mixed(graph, PEERS[0], held).tolist() == [6]
    assert spread(PEERS[0], {PEERS[0]: held[PEERS[0]]}) == 0


@given(holdings(), st.integers(1, 5))
def test_steps_are_those_of_the_paper_but_for_rounding(
    held: tuple[Graph, dict[str, Values]], steps: int
) -> None:
    graph, found = held
    places = {peer: place for place, peer in enumerate(graph.peers)}
    near = {places[p]: [places[other] for other in graph.neighbours(p)] for p in graph.peers}
    expected = gossip(np.array([found[p] for p in graph.peers], np.float64), near, steps)
    for _ in range(steps):
        found = step(graph, found)
    # Each edge loses less than a unit a step, and mixing makes no difference larger.
    allowed = steps * max(map(len, near.values())) + 1e-3
    assert np.abs(np.stack([found[p] for p in graph.peers]) - expected).max() <= allowed
