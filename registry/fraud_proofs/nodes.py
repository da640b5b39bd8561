"""Nodes of an aggregation (F-8): what they commit to, and the way to one.

The same rules as `contracts/libraries/RoundTrees.sol`. Everything that is hashed is made of whole
32-byte words, so `enc` is their concatenation. What somebody else proposed may be of any shape:
walk it with `Path.of` and `Path.down`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Self, final

from registry.addresses import address_order
from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = [
    "DEPTH",
    "FAN_IN",
    "Children",
    "Leaf",
    "Node",
    "Path",
    "RevealedUpdate",
    "children_hash",
    "is_absent",
    "is_path",
    "is_sound",
    "leaf_hash",
    "node_hash",
    "require",
]

FAN_IN: Final = 32
"""A node's children at most: what one transaction can judge."""
DEPTH: Final = 4
"""Levels at most: three would hold 32,768 updates, and a round may have 40,000 seats (R-9)."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")


def _word(value: int) -> bytes:
    return value.to_bytes(32, "big")


def require(what: str, fits: bool, value: object, wanted: str) -> None:
    """Returns if a value fits.

    Raises:
        ConfigError: it doesn't; the message names it, what was wanted and what came.
    """
    if not fits:
        shown = f"0x{value.hex()}" if isinstance(value, bytes) else repr(value)
        raise ConfigError(f"{what}: expected {wanted}, got {shown}")


def _require_address(what: str, address: str) -> None:
    fits = _ADDRESS.fullmatch(address) is not None
    require(what, fits, address, "an address of 0x and 40 hexadecimal digits")


@dataclass(frozen=True)
class RevealedUpdate:
    """An update as its participant revealed it (R-3), and so the leaf of a tree (F-8).

    What is known beside it extends it: an `Opening` has the salt, an `AcceptedUpdate` the values,
    an `AcceptedEntry` what it was paid, a `Claim` the folder that was fetched.

    Args:
        participant: whose.
        update_root: of the vector, 32 bytes (L-4).
        content_digest: of the update's folder, 32 bytes.
        weight: 0 to 2**64 - 1.

    Raises:
        ConfigError: no address, or a value of another size.
    """

    participant: str
    update_root: bytes
    content_digest: bytes
    weight: int

    def __post_init__(self) -> None:
        _require_address("participant", self.participant)
        require("update root", len(self.update_root) == 32, self.update_root, "32 bytes")
        require("content digest", len(self.content_digest) == 32, self.content_digest, "32 bytes")
        require("weight", 0 <= self.weight < 1 << 64, self.weight, "0 to 2^64 - 1")

    @property
    def revealed(self) -> RevealedUpdate:
        """The update alone, without what is known beside it."""
        return RevealedUpdate(self.participant, self.update_root, self.content_digest, self.weight)


Leaf = RevealedUpdate
"""What the contracts' interfaces call it."""


@final
@dataclass(frozen=True)
class Node:
    """Participants from `first` to `last`: how many, their weights' sum, their numerators' root."""

    first: str
    last: str
    count: int
    weight: int
    numerators_root: bytes
    children_hash: bytes

    def __post_init__(self) -> None:
        _require_address("first", self.first)
        _require_address("last", self.last)
        require("count", 0 <= self.count < 1 << 32, self.count, "0 to 2^32 - 1")
        require("weight", 0 <= self.weight < 1 << 64, self.weight, "0 to 2^64 - 1")
        root, children = self.numerators_root, self.children_hash
        require("numerators' root", len(root) == 32, root, "32 bytes")
        require("children's hash", len(children) == 32, children, "32 bytes")


@final
@dataclass(frozen=True)
class Children:
    """A node's children: updates or nodes. A node with both, or with neither, isn't sound."""

    leaves: tuple[RevealedUpdate, ...] = ()
    nodes: tuple[Node, ...] = ()

    def __len__(self) -> int:
        return len(self.leaves) + len(self.nodes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """The children's hashes, in order."""
        return (*map(leaf_hash, self.leaves), *map(node_hash, self.nodes))

    @property
    def ends(self) -> tuple[tuple[int, int, int, int], ...]:
        """Of every child: first and last participant as integers, count and weight."""
        leaves = (
            (address_order(x.participant), address_order(x.participant), 1, x.weight)
            for x in self.leaves
        )
        nodes = (
            (address_order(x.first), address_order(x.last), x.count, x.weight) for x in self.nodes
        )
        return (*leaves, *nodes)


def leaf_hash(leaf: RevealedUpdate) -> bytes:
    """Returns `keccak(enc(0, leaf))`, 32 bytes."""
    # The first words, 0 here and 1 for nodes, keep either from passing for the other.
    words = (
        _word(0) + _word(address_order(leaf.participant)) + leaf.update_root + leaf.content_digest
    )
    return keccak256(words + _word(leaf.weight))


def node_hash(node: Node) -> bytes:
    """Returns `keccak(enc(1, node))`, 32 bytes."""
    numbers = (1, address_order(node.first), address_order(node.last), node.count, node.weight)
    return keccak256(b"".join(map(_word, numbers)) + node.numerators_root + node.children_hash)


def children_hash(hashes: Sequence[bytes]) -> bytes:
    """Returns `keccak(enc(hashes))` of the hashes of a node's children, 32 bytes."""
    # As Solidity encodes an array: where it begins, how many, then each.
    return keccak256(_word(32) + _word(len(hashes)) + b"".join(hashes))


def is_sound(node: Node, children: Children) -> bool:
    """Tells whether a node says what its children do (F-8), its children's hash apart.

    One kind, 1 to 32 of them, ascending and disjoint, from `first` to `last`, counts and weights
    summed. The shape that is asked for on top of that is in `registry.fraud_proofs.robust_trees`.
    """
    if not 1 <= len(children) <= FAN_IN or (children.leaves and children.nodes):
        return False
    ends = children.ends
    # The zero address is nobody: no child may begin with it.
    last = 0
    for low, high, _, _ in ends:
        if low <= last or high < low:
            return False
        last = high
    reaches = (ends[0][0], last) == (address_order(node.first), address_order(node.last))
    sums = (sum(end[2] for end in ends), sum(end[3] for end in ends))
    return reaches and sums == (node.count, node.weight)


@final
@dataclass(frozen=True)
class Path:
    """The way from the top, `nodes[0]`, to a node: `nodes[i + 1]` is child `turns[i]` of
    `nodes[i]`, whose children's hashes are `hashes[i]`."""

    nodes: tuple[Node, ...]
    hashes: tuple[tuple[bytes, ...], ...] = ()
    turns: tuple[int, ...] = ()

    @classmethod
    def of(cls, top: Node) -> Self:
        """Returns the way to the top itself."""
        return cls((top,))

    def down(self, children: Children, turn: int) -> Path:
        """Returns the way on to child `turn` of this path's end.

        Raises:
            ConfigError: the end's children have no node there.
        """
        count = len(children.nodes)
        require("turn", 0 <= turn < count and not children.leaves, turn, f"one of {count} nodes")
        node = children.nodes[turn]
        return Path((*self.nodes, node), (*self.hashes, children.hashes), (*self.turns, turn))

    @property
    def end(self) -> Node:
        """The node that it leads to."""
        return self.nodes[-1]


def is_path(path: Path, top: bytes) -> bool:
    """Tells whether a path is one, from the node of hash `top` down to its last node."""
    steps = len(path.nodes)
    if not 1 <= steps <= DEPTH or (len(path.hashes), len(path.turns)) != (steps - 1, steps - 1):
        return False
    expected = top
    # Not strict: from the last node nothing turns off, and it is held against its hash below.
    for node, hashes, turn in zip(path.nodes, path.hashes, path.turns, strict=False):
        if node_hash(node) != expected or children_hash(hashes) != node.children_hash:
            return False
        # Python would count a negative turn from the end; the contract has none.
        if not 0 <= turn < len(hashes):
            return False
        expected = hashes[turn]
    return node_hash(path.end) == expected


def is_absent(path: Path, children: Children, participant: str) -> bool:
    """Tells whether a participant isn't below a path's end on which it would have to be.

    Args:
        path: to the end; below the top, the participant lies in the range of each of its nodes.
        children: the end's.
        participant: the address.
    """
    place = address_order(participant)
    # Not within the top's range: who lies outside of that is absent by it.
    on_the_way = all(
        address_order(n.first) <= place <= address_order(n.last) for n in path.nodes[1:]
    )
    return on_the_way and not any(low <= place <= high for low, high, _, _ in children.ends)
