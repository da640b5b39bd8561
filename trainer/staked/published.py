"""What a proposer lays open beside its result: the tree, and the numerators of its top.

A folder of two files, named by digest in the result document (`aggregation`): `tree.json`,
canonical JSON, and `numerators.i64`, the top's values as they are hashed. Whoever has the updates
needs neither for a right proposal; of a wrong one they save asking for each piece under a bond.
Nothing in it is trusted: children count by their hash, numerators by their root.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np

from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from registry.fraud_proofs.trees import Children, Node, RevealedUpdate, Tree
from trainer.staked.numerator_trees import read_numerators
from trainer.types import IntVector

__all__ = ["NUMERATORS_FILE", "TREE_FILE", "PublishedTree", "read_published", "write_published"]

FORMAT: Final = "tallystick/aggregation/1"
TREE_FILE: Final = "tree.json"
NUMERATORS_FILE: Final = "numerators.i64"
_FIELDS = ("format", "round", "leaves", "levels")
_LEAF = ("participant", "updateRoot", "contentDigest", "weight")
_NODE = ("first", "last", "count", "weight", "numeratorsRoot", "childrenHash", "children")
_BLOCK = 1 << 16


@dataclass(frozen=True)
class PublishedTree:
    """Leaves and nodes as somebody told them; `groups` are the children of each node in turn."""

    round_id: bytes
    leaves: tuple[RevealedUpdate, ...]
    groups: tuple[Children, ...]


def write_published(folder: Path, round_id: bytes, tree: Tree, numerators: IntVector) -> None:
    """Writes the folder; the same tree and numerators give the same bytes.

    Args:
        folder: replaced if it is there.
        round_id: 32 bytes.
        tree: what is proposed.
        numerators: its top's, shape (n,).
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / TREE_FILE).write_bytes(_text(round_id, tree))
    with (folder / NUMERATORS_FILE).open("wb") as file:
        for start in range(0, numerators.size, _BLOCK):
            file.write(np.asarray(numerators[start : start + _BLOCK], dtype=">i8").tobytes())


def read_published(folder: Path, length: int, limit: int) -> tuple[PublishedTree, IntVector | None]:
    """Returns the tree that a folder tells, and the numerators if they have the right length.

    Args:
        folder: what was fetched.
        length: the round's vector length.
        limit: the most bytes that are read of the tree.

    Raises:
        ConfigError: there is no tree, or a malformed one.
    """
    path = folder / TREE_FILE
    if path.is_symlink() or not path.is_file():
        raise ConfigError(f"{path}: expected the tree of an aggregation")
    with path.open("rb") as file:
        told = _parsed(file.read(limit + 1), limit)
    numbers = folder / NUMERATORS_FILE
    whole = numbers.is_file() and not numbers.is_symlink() and numbers.stat().st_size == 8 * length
    return told, read_numerators(numbers, length) if whole else None


def _text(round_id: bytes, tree: Tree) -> bytes:
    levels = [
        [_node_fields(node, len(tree.children(level, at))) for at, node in enumerate(nodes)]
        for level, nodes in enumerate(tree.levels)
    ]
    leaves = [_leaf_fields(leaf) for leaf in tree.leaves]
    fields = {
        "format": FORMAT,
        "round": bytes32_to_hex(round_id),
        "leaves": leaves,
        "levels": levels,
    }
    return canonical(fields)


def _leaf_fields(leaf: RevealedUpdate) -> dict[str, Any]:
    return {
        "participant": leaf.participant,
        "updateRoot": bytes32_to_hex(leaf.update_root),
        "contentDigest": bytes32_to_hex(leaf.content_digest),
        "weight": leaf.weight,
    }


def _node_fields(node: Node, children: int) -> dict[str, Any]:
    return {
        "first": node.first,
        "last": node.last,
        "count": node.count,
        "weight": node.weight,
        "numeratorsRoot": bytes32_to_hex(node.numerators_root),
        "childrenHash": bytes32_to_hex(node.children_hash),
        "children": children,
    }


def _parsed(data: bytes, limit: int) -> PublishedTree:
    found = require_fields(parse(data, limit, "aggregation"), _FIELDS, "aggregation")
    if found["format"] != FORMAT:
        raise ConfigError(f"aggregation: expected format {FORMAT}, got {str(found['format'])[:60]}")
    if not isinstance(found["leaves"], list) or not isinstance(found["levels"], list):
        raise ConfigError("aggregation: expected lists of leaves and of levels")
    leaves = tuple(_leaf(value) for value in found["leaves"])
    groups: list[Children] = []
    below: tuple[Node, ...] | None = None
    for level in found["levels"]:
        if not isinstance(level, list):
            raise ConfigError("aggregation: expected a level to be a list of nodes")
        nodes, counts = _nodes(level)
        for begin, end in pairwise(accumulate(counts, initial=0)):
            inside = (
                Children(leaves[begin:end]) if below is None else Children((), below[begin:end])
            )
            groups.append(inside)
        below = nodes
    return PublishedTree(bytes32_from_hex(found["round"], "round"), leaves, tuple(groups))


def _leaf(value: Any) -> RevealedUpdate:
    found = require_fields(value, _LEAF, "aggregation's leaf")
    return RevealedUpdate(
        str(found["participant"]),
        bytes32_from_hex(found["updateRoot"], "updateRoot"),
        bytes32_from_hex(found["contentDigest"], "contentDigest"),
        _natural(found["weight"]),
    )


def _nodes(level: Sequence[Any]) -> tuple[tuple[Node, ...], list[int]]:
    nodes, counts = [], []
    for value in level:
        found = require_fields(value, _NODE, "aggregation's node")
        roots = (
            bytes32_from_hex(found["numeratorsRoot"], "root"),
            bytes32_from_hex(found["childrenHash"], "childrenHash"),
        )
        numbers = _natural(found["count"]), _natural(found["weight"])
        nodes.append(Node(str(found["first"]), str(found["last"]), *numbers, *roots))
        counts.append(_natural(found["children"]))
    return tuple(nodes), counts


def _natural(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ConfigError(f"aggregation: expected a natural number, got {str(value)[:40]!r}")
    return value
