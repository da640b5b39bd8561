"""The OpenZeppelin standard Merkle tree: payouts, allow-lists and batches of commitments.

Source: `@openzeppelin/merkle-tree`, format `standard-v1`. A leaf is `keccak(keccak(enc(value)))`:
hashed twice, so that no inner node can be passed off as a leaf (T-18). Pairs are sorted before they
are hashed, so that a proof is a list of siblings without directions. Leaves are sorted by hash and
stored from the end of an array whose entry i has its children at 2i + 1 and 2i + 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, final

from eth_abi.abi import encode
from eth_abi.exceptions import EncodingError, ParseError
from eth_hash.auto import keccak

from registry.errors import ConfigError

__all__ = ["StandardTree", "leaf_hash", "process_proof", "verify"]

_LONGEST_PROOF = 64


def leaf_hash(types: Sequence[str], value: Sequence[Any]) -> bytes:
    """Returns the leaf of a tuple of values, 32 bytes.

    Raises:
        ConfigError: the values don't fit the types.
    """
    try:
        return bytes(keccak(keccak(encode(list(types), list(value)))))
    except (EncodingError, ParseError, TypeError, ValueError) as error:
        raise ConfigError(f"expected a leaf of types {list(types)}: {error}") from error


def process_proof(leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Returns the root that a leaf and its siblings, lowest first, lead to."""
    node = leaf
    for sibling in proof:
        node = _pair(node, sibling)
    return node


def verify(root: bytes, types: Sequence[str], value: Sequence[Any], proof: Sequence[bytes]) -> bool:
    """Tells whether a proof shows that the tree of `root` holds `value`.

    A proof of other than 32-byte siblings, or of more than 64, proves nothing. An empty proof
    is good for the one tree whose root is that leaf.
    """
    if len(root) != 32 or len(proof) > _LONGEST_PROOF or any(len(p) != 32 for p in proof):
        return False
    return process_proof(leaf_hash(types, value), proof) == root


@final
class StandardTree:
    """A tree over tuples of values; positions are those of the list it was built from.

    Args:
        values: at least one tuple, no two of the same leaf.
        types: the Solidity types of a tuple.

    Raises:
        ConfigError: no value, a duplicate, or a value that doesn't fit its type.
    """

    def __init__(self, values: Sequence[Sequence[Any]], types: Sequence[str]) -> None:
        self._build([leaf_hash(tuple(types), value) for value in values])

    @classmethod
    def over(cls, leaves: Sequence[bytes]) -> StandardTree:
        """Returns the tree over leaves of which only the hashes are known, 32 bytes each.

        Raises:
            ConfigError: no leaf, or one twice.
        """
        tree = cls.__new__(cls)
        tree._build(leaves)
        return tree

    def _build(self, leaves: Sequence[bytes]) -> None:
        if not leaves:
            raise ConfigError("expected at least one leaf, got none")
        order = sorted(range(len(leaves)), key=leaves.__getitem__)
        for before, after in pairwise(order):
            if leaves[before] == leaves[after]:
                raise ConfigError(
                    f"leaves {before} and {after} are the same, 0x{leaves[before].hex()}; "
                    "merge them into one"
                )
        self._nodes = _nodes([leaves[position] for position in order])
        self._index = [0] * len(leaves)
        for rank, position in enumerate(order):
            self._index[position] = len(self._nodes) - 1 - rank

    def __len__(self) -> int:
        return len(self._index)

    @property
    def root(self) -> bytes:
        """The root, 32 bytes."""
        return self._nodes[0]

    def proof(self, position: int) -> list[bytes]:
        """Returns the siblings from the leaf up, for the value at `position` of the list.

        Raises:
            ConfigError: there is no such position.
        """
        if not 0 <= position < len(self._index):
            raise ConfigError(f"expected a position from 0 to {len(self) - 1}, got {position}")
        proof = []
        at = self._index[position]
        while at > 0:
            proof.append(self._nodes[at + 1 if at % 2 else at - 1])
            at = (at - 1) // 2
        return proof


def _pair(a: bytes, b: bytes) -> bytes:
    return bytes(keccak(a + b if a < b else b + a))


def _nodes(leaves: list[bytes]) -> list[bytes]:
    nodes = [b""] * (len(leaves) - 1) + leaves[::-1]
    for at in range(len(leaves) - 2, -1, -1):
        nodes[at] = _pair(nodes[2 * at + 1], nodes[2 * at + 2])
    return nodes
