"""Given a roster

whatever its length, the seed and the terms:
  places are a permutation; groups part the roster, and their sizes differ by one at most
  nobody is alone among several; no group is larger than asked for, but for one of three
  neighbours are mutual, nobody's own, within the group, and as many for each of its members
  a threshold is above half of the neighbours and no more than all of them
when another key, or another round: the seed is another one
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hidden_members import addresses
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.privacy.hidden_terms import HiddenTerms
from trainer.privacy.neighbour_graph import NeighbourGraph, RoundKey, order_seed, place_of_index

PEOPLE = tuple(addresses(130))
ROUND = b"\x07" * 32


@st.composite
def graphs(draw: st.DrawFn) -> NeighbourGraph:
    """Graphs of 1 to 130 members under any terms."""
    degree = 2 * draw(st.integers(1, 127) | st.integers(1, 6))
    threshold = draw(st.integers(degree // 2 + 1, degree))
    size = draw(st.integers(2, 256) | st.integers(2, 12))
    terms = HiddenTerms(degree=degree, threshold=threshold, group_size=size)
    count = draw(st.integers(1, 130) | st.integers(1, 9))
    return NeighbourGraph(PEOPLE[:count], draw(st.binary(min_size=32, max_size=32)), terms)


@settings(max_examples=60, deadline=None)
@given(count=st.integers(1, 300), seed=st.binary(min_size=32, max_size=32))
def test_places_are_a_permutation(count: int, seed: bytes) -> None:
    assert sorted(place_of_index(i, count, seed) for i in range(count)) == [*range(count)]


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_groups_part_the_roster_evenly(graph: NeighbourGraph) -> None:
    sizes = [len(members) for members in graph.groups]
    assert sorted(who for members in graph.groups for who in members) == sorted(graph.roster)
    assert max(sizes) - min(sizes) <= 1
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) >= min(2, len(graph.roster))
    assert max(sizes) <= graph.terms.largest_group(len(graph.roster))
    # No more groups than the size asks for.
    assert len(sizes) == 1 or len(sizes) <= -(-len(graph.roster) // graph.terms.group_size)
    for group, members in enumerate(graph.groups):
        assert [graph.place_of(who) for who in members] == [(group, i) for i in range(len(members))]


@settings(max_examples=80, deadline=None)
@given(graphs())
def test_neighbours_are_mutual_and_a_secret_is_above_half_of_them(graph: NeighbourGraph) -> None:
    for group, members in enumerate(graph.groups):
        expected = min(graph.terms.degree, len(members) - 1)
        assert expected < 2 * graph.threshold(group) or not expected
        assert graph.threshold(group) <= expected
        for who in members:
            beside = graph.neighbours(who)
            assert len(set(beside)) == len(beside) == expected
            assert who not in beside
            assert set(beside) <= set(members)
            assert all(who in graph.neighbours(other) for other in beside)
            places = [graph.place_of(other)[1] for other in beside]
            assert places == sorted(places)


def test_neighbours_are_those_next_to_one_on_the_circle() -> None:
    graph = NeighbourGraph(PEOPLE[:10], bytes(32), HiddenTerms(degree=4, threshold=3))
    members = graph.groups[0]
    assert set(graph.neighbours(members[0])) == {members[i] for i in (1, 2, 8, 9)}
    assert set(graph.neighbours(members[5])) == {members[i] for i in (3, 4, 6, 7)}


def test_a_group_is_connected_so_every_sum_smaller_than_it_stays_hidden() -> None:
    graph = NeighbourGraph(PEOPLE[:33], bytes(32), HiddenTerms(degree=2, threshold=2))
    for members in graph.groups:
        reached, left = {members[0]}, [members[0]]
        while left:
            fresh = set(graph.neighbours(left.pop())) - reached
            reached |= fresh
            left += fresh
        assert reached == set(members)


@pytest.mark.parametrize(
    ("count", "size", "sizes"),
    [
        (1, 8, [1]),
        (2, 2, [2]),
        (3, 2, [3]),
        (5, 2, [3, 2]),
        (9, 8, [5, 4]),
        (33, 32, [17, 16]),
        (64, 32, [32, 32]),
    ],
)
def test_so_many_groups_as_their_size_asks_for(count: int, size: int, sizes: list[int]) -> None:
    graph = NeighbourGraph(PEOPLE[:count], bytes(32), HiddenTerms(group_size=size))
    assert [len(members) for members in graph.groups] == sizes


def test_the_threshold_of_a_small_group_is_the_same_part_of_fewer_neighbours() -> None:
    terms = HiddenTerms(degree=20, threshold=15, group_size=8)
    graph = NeighbourGraph(PEOPLE[:8], bytes(32), terms)
    assert graph.threshold(0) == 6  # ⌈7 · 15 / 20⌉
    assert replace(graph, roster=PEOPLE[:2]).threshold(0) == 1


def test_nobody_is_beside_nobody() -> None:
    assert NeighbourGraph((), bytes(32), HiddenTerms()).groups == ()
    assert NeighbourGraph(PEOPLE[:1], bytes(32), HiddenTerms()).neighbours(PEOPLE[0]) == ()


def test_the_order_hangs_on_round_address_key_and_order_of_publication() -> None:
    roster = [(who, RoundKey(index + 1, False)) for index, who in enumerate(PEOPLE[:3])]
    odd = [(roster[0][0], RoundKey(1, True)), *roster[1:]]
    moved = [(roster[0][0], RoundKey(9, False)), *roster[1:]]
    other = [(PEOPLE[5], roster[0][1]), *roster[1:]]
    seeds = [order_seed(ROUND, rows) for rows in (roster, roster[:2], roster[::-1], odd)]
    seeds += [order_seed(ROUND, moved), order_seed(ROUND, other), order_seed(bytes(32), roster)]
    assert len(set(seeds)) == 7
