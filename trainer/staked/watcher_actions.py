"""What a watcher may do in a staked round, as values: proofs, questions, answers, endings.

Deciding what to do makes these; a `StakedBoard` carries them out. A fault can be proved at once;
a question costs a bond if it is answered (F-10).
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.fraud_proofs.nodes import Children, Path, RevealedUpdate
from registry.fraud_proofs.server_steps import Server, StepProof
from registry.fraud_proofs.stake_terms import ChunkProof

__all__ = [
    "AnswerChunk",
    "AnswerNode",
    "Ask",
    "AskMomentum",
    "AskNode",
    "AskOfProposal",
    "AskResult",
    "AskUpdate",
    "AskVersion",
    "Close",
    "Fault",
    "LeftOut",
    "OutOfRange",
    "Punish",
    "WatcherAction",
    "WrongChunk",
    "WrongLeaf",
    "WrongNode",
    "WrongStep",
    "WrongSum",
    "WrongVersion",
]


@dataclass(frozen=True)
class WrongNode:
    """A node that doesn't say what its children do."""

    path: Path
    children: Children


@dataclass(frozen=True)
class WrongLeaf:
    """A leaf that isn't what its participant revealed, or doesn't count.

    `hashes` are those of all children of the path's end, `position` is the leaf's among them.
    """

    path: Path
    hashes: tuple[bytes, ...]
    position: int
    leaf: RevealedUpdate


@dataclass(frozen=True)
class LeftOut:
    """A participant that counts and isn't where it would have to be."""

    path: Path
    children: Children
    participant: str


@dataclass(frozen=True)
class WrongChunk:
    """A chunk of numerators that the children's chunks don't give."""

    path: Path
    children: Children
    chunk: int
    inputs: tuple[ChunkProof, ...]
    numerators: ChunkProof


@dataclass(frozen=True)
class WrongSum:
    """A chunk of a hidden sum that the masked chunks and the opened secrets don't give (H-8).

    `seeds` are those of the leaves, in their order; `keys` those of who dropped and is needed, in
    the order of their places.
    """

    path: Path
    children: Children
    chunk: int
    inputs: tuple[ChunkProof, ...]
    numerators: ChunkProof
    seeds: tuple[bytes, ...]
    keys: tuple[bytes, ...]


@dataclass(frozen=True)
class WrongVersion:
    """A chunk of the new weights that the base's and the top's numerators don't give (F-13)."""

    chunk: int
    base: ChunkProof
    numerators: ChunkProof
    weights: ChunkProof


@dataclass(frozen=True)
class WrongStep:
    """A chunk of new weights, or of the new momentum, that the server's step doesn't give (F-15).

    `server` is what the terms' base root is of.
    """

    server: Server
    chunk: int
    proof: StepProof


@dataclass(frozen=True)
class OutOfRange:
    """A chunk of an update that holds a value outside the lattice (L-2)."""

    leaf: RevealedUpdate
    chunk: int
    proof: ChunkProof


@dataclass(frozen=True)
class AskUpdate:
    """A question for a chunk of an update that can't be had."""

    leaf: RevealedUpdate
    chunk: int


@dataclass(frozen=True)
class AskResult:
    """A question for a chunk of a node's numerators."""

    path: Path
    chunk: int


@dataclass(frozen=True)
class AskNode:
    """A question for a node's children."""

    path: Path


@dataclass(frozen=True)
class AskVersion:
    """A question for a chunk of the new weights, of the root that was judged."""

    chunk: int
    root: bytes


@dataclass(frozen=True)
class AskMomentum:
    """A question for a chunk of what the server remembers after the round, of that root."""

    chunk: int
    root: bytes


@dataclass(frozen=True)
class AnswerChunk:
    """The chunk that a question asks for."""

    question: int
    proof: ChunkProof


@dataclass(frozen=True)
class AnswerNode:
    """The children that a question asks for."""

    question: int
    path: Path
    children: Children


@dataclass(frozen=True)
class Punish:
    """The end of a question that nobody answered in time."""

    question: int


@dataclass(frozen=True)
class Close:
    """The end of a question that has become pointless; its bond goes back."""

    question: int


Fault = WrongNode | WrongLeaf | LeftOut | WrongChunk | WrongSum | WrongVersion | WrongStep
AskOfProposal = AskResult | AskNode | AskVersion | AskMomentum
Ask = AskUpdate | AskOfProposal
WatcherAction = Fault | OutOfRange | Ask | AnswerChunk | AnswerNode | Punish | Close
