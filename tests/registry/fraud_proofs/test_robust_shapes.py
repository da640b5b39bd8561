"""The shape of a tree (F-8): the shared vectors, and its laws."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path as File

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.robust_trees import (
    UNITS,
    denominator_at,
    fan_of,
    height_of,
    is_shaped,
    is_sound_end,
    sizes_of,
    trim_at,
)
from registry.fraud_proofs.trees import (
    FAN_IN,
    Children,
    Node,
    Path,
    Tree,
    is_absent,
    is_path,
    node_hash,
)

ROOT = File(__file__).parents[3]
SHAPES = json.loads((ROOT / "tests/vectors/robust_trees.json").read_text())["shapes"]
ZERO = f"0x{0:040x}"
COUNTS = st.one_of(st.integers(1, 70), st.integers(1_020, 1_030), st.integers(1, 3_000))


def leaves_of(count: int) -> list[RevealedUpdate]:
    """Leaves of every second participant: there is room between them."""
    return [
        RevealedUpdate(f"0x{2 * place:040x}", bytes(32), bytes(32), place)
        for place in range(1, 1 + count)
    ]


def built(count: int, fan_in: int | None = None) -> Tree:
    """A tree whose numerators nobody asks for."""
    return Tree.build(leaves_of(count), lambda *at: bytes(32), fan_in)


def counted(count: int) -> Node:
    """A node that says how many are below it."""
    return Node(ZERO, ZERO, count, 0, bytes(32), bytes(32))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: str(shape["count"]))
def test_f8_the_golden_shapes_are_these(shape: dict[str, int | list[int]]) -> None:
    count, sizes = shape["count"], shape["sizes"]
    assert isinstance(count, int)
    assert isinstance(sizes, list)
    assert height_of(count) == shape["height"]
    assert list(sizes_of(count)) == sizes
    children = Children(nodes=tuple(counted(size) for size in sizes))
    assert is_shaped(counted(count), children) == (count > FAN_IN)
    if count > FAN_IN:
        assert not is_shaped(counted(count), Children(nodes=children.nodes[::-1])) or (
            sizes[0] == sizes[-1]
        )


def test_the_vectors_are_what_their_tool_writes() -> None:
    tool = [sys.executable, str(ROOT / "tools" / "write_robust_vectors.py"), "--check"]
    assert subprocess.run(tool, check=False, capture_output=True).returncode == 0


@given(st.integers(1, (1 << 32) - 1), st.integers(0, 40))
def test_f8_all_updates_stand_at_one_height_and_something_is_left(count: int, trim: int) -> None:
    sizes = sizes_of(count)
    assert sum(sizes) == count
    assert sizes[0] - sizes[-1] in (0, 1)
    assert 1 <= len(sizes) == fan_of(count) <= FAN_IN
    if count > FAN_IN:
        assert {height_of(size) for size in sizes} == {height_of(count) - 1}
    cut = trim_at(trim, len(sizes))
    assert cut == trim or len(sizes) - 2 * cut in (1, 2)
    kept = len(sizes) - 2 * cut
    assert denominator_at(trim, count) == kept * (UNITS if count > FAN_IN else 1)


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.data())
def test_f8_every_node_of_a_balanced_tree_is_sound_and_has_its_path(
    count: int, data: st.DataObject
) -> None:
    tree = built(count)
    assert len(tree.levels) == height_of(count)
    level = data.draw(st.integers(0, len(tree.levels) - 1))
    position = data.draw(st.integers(0, len(tree.levels[level]) - 1))
    path = tree.path(level, position)
    assert path.end == tree.levels[level][position]
    assert is_path(path, node_hash(tree.top))
    assert is_sound_end(path, tree.children(level, position))
    first, last = tree.span(level, position)
    assert path.end.count == last - first + 1
    assert (path.end.first, path.end.last) == tuple(
        tree.leaves[at].participant for at in (first, last)
    )


@settings(max_examples=40, deadline=None)
@given(COUNTS, st.data())
def test_f9_whoever_is_not_in_a_balanced_tree_is_absent_where_it_would_be(
    count: int, data: st.DataObject
) -> None:
    tree, place = built(count), data.draw(st.integers(0, count))
    level, position = tree.where(f"0x{2 * place + 1:040x}")
    path, children = tree.path(level, position), tree.children(level, position)
    assert is_absent(path, children, f"0x{2 * place + 1:040x}")
    if place:
        level, position = tree.where(f"0x{2 * place:040x}")
        assert level == 0
        assert not is_absent(
            tree.path(level, position), tree.children(level, position), f"0x{2 * place:040x}"
        )


@pytest.mark.parametrize(
    ("leaves", "fan_in", "sound"),
    [
        (6, 6, True),
        (6, 3, False),
        (5, 6, True),
        (33, None, True),
        (33, 32, False),
        (40, None, True),
        (1_024, 32, True),
        (1_024, 31, False),
    ],
)
def test_f8_a_top_has_the_shape_that_its_count_demands(
    leaves: int, fan_in: int | None, sound: bool
) -> None:
    tree = built(leaves, fan_in)
    children = tree.children(len(tree.levels) - 1, 0)
    assert is_sound_end(Path.of(tree.top), children) == sound


def test_f8_groups_may_be_smaller_than_what_larger_ones_trim() -> None:
    tree = built(33)
    for position, count in enumerate((17, 16)):
        path, children = tree.path(0, position), tree.children(0, position)
        assert path.end.count == count
        assert is_sound_end(path, children)


def test_f8_one_update_moved_to_another_group_is_another_shape() -> None:
    nodes = built(100).children(1, 0).nodes
    assert [node.count for node in nodes] == [25, 25, 25, 25]
    moved = (replace(nodes[0], count=26), replace(nodes[1], count=24), *nodes[2:])
    assert not is_shaped(counted(100), Children(nodes=moved))


def test_f8_nodes_below_the_fourth_level_are_wrong() -> None:
    tree = built(33)
    children = tree.children(1, 0)
    assert is_sound_end(Path((tree.top,) * 3), children)
    assert not is_sound_end(Path((tree.top,) * 4), children)


def test_t28_no_update_and_another_fan_in_are_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1 update, got 0"):
        sizes_of(0)
    with pytest.raises(ConfigError, match="fan-in: expected 2 to 32, got 1"):
        built(40, 1)
