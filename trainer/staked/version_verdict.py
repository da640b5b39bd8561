"""What is wrong with a standing proposal's weights, as a pure function of what is known (F-13).

The right weights follow from base and numerators. A proposed root that differs has a wrong chunk:
it is found in the proposed file, if that is there, and otherwise by questions, whose answers'
siblings close in on it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from registry.stake_rules import AT_ONCE
from registry.stake_terms import ChunkProof
from trainer.staked.deeds import AskVersion, WrongVersion
from trainer.staked.suspects import spread, suspects

__all__ = ["Compared", "Weighed", "version_verdict"]


class Weighed(Protocol):
    """The weights of a version; `trainer.version_roots.Weights` is one."""

    @property
    def length(self) -> int:
        """How many weights there are."""

    def root(self) -> bytes:
        """Returns their vector root."""

    def chunk(self, index: int) -> bytes:
        """Returns a chunk's bytes."""

    def proof(self, index: int) -> list[bytes]:
        """Returns the siblings of a chunk's leaf, from the leaf up."""


@dataclass(frozen=True)
class Compared:
    """What a verdict on weights needs.

    Args:
        base: the base version's.
        right: the new version's, as worked out here.
        root: what is proposed.
        theirs: the proposed version's, if they could be had and have that root.
        difference: the first chunk in which these differ from the right ones.
        told: answered chunks of the proposed root, by index.
    """

    base: Weighed
    right: Weighed
    root: bytes
    theirs: Weighed | None
    difference: int | None
    told: Mapping[int, ChunkProof]


def version_verdict(
    compared: Compared, numerators: Callable[[int], ChunkProof]
) -> tuple[tuple[WrongVersion, ...], tuple[AskVersion, ...]]:
    """Returns what can be proved, or what to ask for; neither if the weights are right.

    Args:
        compared: the weights.
        numerators: gives a chunk of the top's numerators with its proof.
    """
    if compared.right.root() == compared.root:
        return (), ()
    claim = _wrong(compared)
    if claim is None:
        return (), _asks(compared)
    chunk, proof = claim
    base = ChunkProof(compared.base.chunk(chunk), tuple(compared.base.proof(chunk)))
    return (WrongVersion(chunk, base, numerators(chunk), proof),), ()


def _wrong(compared: Compared) -> tuple[int, ChunkProof] | None:
    """Returns a chunk that is wrong, with what proves that it is proposed."""
    theirs, chunk = compared.theirs, compared.difference
    if theirs is not None and chunk is not None:
        return chunk, ChunkProof(theirs.chunk(chunk), tuple(theirs.proof(chunk)))
    for index, proof in sorted(compared.told.items()):
        if proof.chunk != compared.right.chunk(index):
            return index, proof
    return None


def _asks(compared: Compared) -> tuple[AskVersion, ...]:
    right = compared.right
    seen = [(i, proof.siblings, right.proof(i)) for i, proof in sorted(compared.told.items())]
    left = spread(suspects(right.length, seen), AT_ONCE)
    return tuple(AskVersion(chunk) for chunk in left)
