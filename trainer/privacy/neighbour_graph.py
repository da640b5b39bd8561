"""Who is whose neighbour in a hidden round: a function of the roster and the round's id (H-3).

The roster is in the order of published keys, which whoever publishes last could choose. Places
follow from it by a permutation that hangs on every key: an eight-round Feistel network with cycle
walking (Black and Rogaway, "Ciphers with arbitrary finite domains", 2002), which a contract can
compute for one place alone. Inside a group places lie on a circle, and half of one's neighbours on
either side (Bell et al., "Secure single-server aggregation with (poly)logarithmic overhead", 2020).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from eth_abi.abi import encode

from registry.hashing import keccak256
from trainer.privacy.hidden_terms import HiddenTerms

__all__ = ["NeighbourGraph", "RoundKey", "order_seed", "place_of_index"]

_ROUNDS = 8


@dataclass(frozen=True)
class RoundKey:
    """A participant's public key for one round: a point of secp256k1.

    Args:
        x: its abscissa, 1 to the curve's order less 1.
        odd: whether its ordinate is odd.
    """

    x: int
    odd: bool


def order_seed(round_id: bytes, roster: Sequence[tuple[str, RoundKey]]) -> bytes:
    """Returns what the order of a roster is drawn by, 32 bytes.

    Args:
        round_id: 32 bytes.
        roster: addresses with their keys, in the order of publication.
    """
    digest = bytes(32)
    for address, key in roster:
        told = digest, address, key.x, key.odd
        digest = keccak256(encode(["bytes32", "address", "uint256", "bool"], told))
    return keccak256(encode(["bytes32", "bytes32"], (round_id, digest)))


def place_of_index(index: int, count: int, seed: bytes) -> int:
    """Returns where the one at `index` of a roster of `count` stands: a permutation of them.

    Args:
        index: from 0.
        count: at least 1.
        seed: from `order_seed`.
    """
    half = max(1, ((count - 1).bit_length() + 1) // 2)
    low, value = (1 << half) - 1, index
    while True:
        left, right = value >> half, value & low
        for step in range(_ROUNDS):
            mixed = keccak256(encode(["bytes32", "uint256", "uint256"], (seed, step, right)))
            left, right = right, left ^ (int.from_bytes(mixed, "big") & low)
        value = left << half | right
        if value < count:
            return value


@dataclass(frozen=True)
class NeighbourGraph:
    """The groups of a roster, and who is whose neighbour in them.

    Args:
        roster: addresses in the order of publication.
        seed: from `order_seed`.
        terms: degree, threshold and group size.
    """

    roster: tuple[str, ...]
    seed: bytes
    terms: HiddenTerms

    @cached_property
    def groups(self) -> tuple[tuple[str, ...], ...]:
        """The members of each group by their places; nobody is alone unless the roster is one."""
        count = len(self.roster)
        if not count:
            return ()
        order = [""] * count
        for index, address in enumerate(self.roster):
            order[place_of_index(index, count, self.seed)] = address
        number = max(1, min(-(-count // self.terms.group_size), count // 2))
        size, larger = divmod(count, number)
        starts = [size * group + min(group, larger) for group in range(number + 1)]
        return tuple(tuple(order[starts[g] : starts[g + 1]]) for g in range(number))

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        return {
            address: (group, place)
            for group, members in enumerate(self.groups)
            for place, address in enumerate(members)
        }

    def place_of(self, address: str) -> tuple[int, int]:
        """Returns the group and the place in it of one on the roster."""
        return self._places[address]

    def neighbours(self, address: str) -> tuple[str, ...]:
        """Returns the neighbours of one on the roster, by ascending places; it isn't its own."""
        group, place = self._places[address]
        members, half = self.groups[group], self.terms.degree // 2
        size = len(members)
        if self.terms.degree >= size - 1:
            return tuple(member for member in members if member != address)

        def near(other: int) -> bool:
            apart = (other - place) % size
            return 0 < min(apart, size - apart) <= half

        return tuple(member for other, member in enumerate(members) if near(other))

    def threshold(self, group: int) -> int:
        """Returns how many neighbours' shares open a secret of a group's member."""
        degree = self.terms.degree
        return -(-min(degree, len(self.groups[group]) - 1) * self.terms.threshold // degree)
