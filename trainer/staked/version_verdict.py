"""What is wrong with a standing proposal's weights, as a pure function of what is known (F-13).

The right weights follow from base and numerators. A proposed root that differs has a wrong chunk:
it is found in the proposed file, if that is there, and otherwise by questions, whose answers'
siblings close in on it. So does a wrong memory, where the server has one (F-15); each is proved by
itself, so that a search for one wrong chunk takes no more steps than windows are made for (F-17).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from registry.fraud_proofs.server_steps import Server, StepProof
from registry.fraud_proofs.stake_rules import AT_ONCE
from registry.fraud_proofs.stake_terms import ChunkProof
from trainer.staked.suspects import spread, suspects
from trainer.staked.watcher_actions import AskMomentum, AskVersion, WrongStep, WrongVersion
from trainer.vectors.stored_vectors import Rooted

__all__ = ["Compared", "step_verdict", "version_verdict"]

_NOTHING = bytes(32)


@dataclass(frozen=True)
class Compared:
    """What a verdict on weights, or on a memory, needs.

    Args:
        base: the base version's.
        right: the new version's, as worked out here.
        root: what is proposed.
        theirs: the proposed version's, if they could be had and have that root.
        difference: the first chunk in which these differ from the right ones.
        told: answered chunks of the proposed root, by index.
    """

    base: Rooted
    right: Rooted
    root: bytes
    theirs: Rooted | None
    difference: int | None
    told: Mapping[int, ChunkProof]


def version_verdict(
    compared: Compared, numerators: Callable[[int], ChunkProof], remembers: bool = False
) -> tuple[tuple[WrongVersion, ...], tuple[AskVersion, ...]]:
    """Returns what can be proved, or what to ask for; neither if the weights are right.

    Args:
        compared: the weights.
        numerators: gives a chunk of the top's numerators with its proof.
        remembers: whether the proposal names a memory, which no round of weights alone has.
    """
    if compared.right.root() == compared.root:
        if not remembers:
            return (), ()
        right = _proof(compared.right, 0)
        return (WrongVersion(0, _proof(compared.base, 0), numerators(0), right),), ()
    claim = _wrong(compared)
    if claim is None:
        return (), tuple(AskVersion(chunk, compared.root) for chunk in _unseen(compared))
    chunk, proof = claim
    return (WrongVersion(chunk, _proof(compared.base, chunk), numerators(chunk), proof),), ()


def step_verdict(
    server: Server,
    weights: Compared,
    memory: Compared,
    numerators: Callable[[int], ChunkProof],
) -> tuple[tuple[WrongStep, ...], tuple[AskVersion | AskMomentum, ...]]:
    """Returns what can be proved of a server's step, or what to ask for; neither if it is right.

    Args:
        server: what the terms' base root is of.
        weights: the base's and the new ones.
        memory: the momentum at the base, and the new one.
        numerators: gives a chunk of the top's numerators with its proof.
    """
    if memory.root == _NOTHING:
        return (WrongStep(server, 0, StepProof.of_nothing()),), ()
    wrong = [one for one in (weights, memory) if one.right.root() != one.root]
    for compared in wrong:
        claim = _wrong(compared)
        if claim is not None:
            chunk, claimed = claim
            at_base = _proof(weights.base, chunk), _proof(memory.base, chunk)
            proof = StepProof(compared is memory, *at_base, numerators(chunk), claimed)
            return (WrongStep(server, chunk, proof),), ()
    if not wrong:
        return (), ()
    # One search at a time: half a proposer's stake pays for one (F-17).
    ask = AskMomentum if wrong[0] is memory else AskVersion
    return (), tuple(ask(chunk, wrong[0].root) for chunk in _unseen(wrong[0]))


def _proof(vector: Rooted, chunk: int) -> ChunkProof:
    return ChunkProof(vector.chunk(chunk), tuple(vector.proof(chunk)))


def _wrong(compared: Compared) -> tuple[int, ChunkProof] | None:
    """Returns a chunk that is wrong, with what proves that it is proposed."""
    theirs, chunk = compared.theirs, compared.difference
    if theirs is not None and chunk is not None:
        return chunk, _proof(theirs, chunk)
    for index, proof in sorted(compared.told.items()):
        if proof.chunk != compared.right.chunk(index):
            return index, proof
    return None


def _unseen(compared: Compared) -> list[int]:
    """Returns the chunks to ask for, which the answers' siblings leave."""
    right = compared.right
    seen = [(i, proof.siblings, right.proof(i)) for i, proof in sorted(compared.told.items())]
    return list(spread(suspects(right.length, seen), AT_ONCE))
