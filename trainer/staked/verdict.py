"""What is wrong with a standing proposal, as a pure function of what is known (F-8, F-9).

The tree is walked from its top. What is found is in the order in which it can be proved: a node
before its leaves, leaves before sums, a child's sums before its parent's, since a proof at a node
takes the children as they are proposed. A right proposal has no fault, whatever is missing: what
can't be seen is a reason to ask, never to accuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from registry.addresses import address_order
from registry.fraud_proofs.nodes import (
    Children,
    Node,
    Path,
    RevealedUpdate,
    children_hash,
    leaf_hash,
)
from registry.fraud_proofs.robust_trees import is_sound_end
from registry.fraud_proofs.stake_rules import AT_ONCE
from registry.fraud_proofs.stake_terms import ChunkProof
from trainer.privacy.masked_roots import PackedVector
from trainer.staked.evidence import Values
from trainer.staked.numerator_trees import BITS
from trainer.staked.state import StakedState
from trainer.staked.suspects import spread, suspects
from trainer.staked.watcher_actions import (
    AskNode,
    AskOfProposal,
    AskResult,
    Fault,
    LeftOut,
    WrongChunk,
    WrongLeaf,
    WrongNode,
    WrongSum,
)
from trainer.types import IntVector
from trainer.vectors.vector_roots import CHUNK, chunk_bytes, chunk_proof

__all__ = ["Expected", "Observed", "Verdict", "first_difference", "judge", "proof_of"]


class Expected(Protocol):
    """What the updates that count come to; `Calculation` is one."""

    def vector(self, leaf: RevealedUpdate) -> Values | None:
        """Returns an update's values; None if they can't be had."""

    def numerators(self, leaves: Sequence[RevealedUpdate]) -> IntVector | None:
        """Returns the numerators of updates; None if one can't be had."""

    def root(self, leaves: Sequence[RevealedUpdate]) -> bytes | None:
        """Returns their root; None if an update can't be had."""

    def outside(self, leaf: RevealedUpdate) -> int | None:
        """Returns the first chunk of an update that leaves the lattice; None if none does."""


@dataclass(frozen=True)
class Observed:
    """What is known of a proposal, each piece under the hash that it was held against.

    Args:
        children: by the hash of children.
        numerators: whole vectors by their root.
        chunks: answered chunks of numerators by root and index.
        right: the top that the counted updates come to, if it could be worked out.
    """

    children: Mapping[bytes, Children] = field(default_factory=dict)
    numerators: Mapping[bytes, IntVector] = field(default_factory=dict)
    chunks: Mapping[tuple[bytes, int], ChunkProof] = field(default_factory=dict)
    right: Node | None = None

    def leaves_below(self, children: Children) -> list[RevealedUpdate]:
        """Returns the leaves below some children, as far as they are known."""
        inner = [self.children.get(node.children_hash, Children()) for node in children.nodes]
        return [*children.leaves, *(leaf for group in inner for leaf in self.leaves_below(group))]


@dataclass(frozen=True)
class Verdict:
    """What a judgement came to.

    Args:
        faults: each can be proved at once; empty for a right proposal.
        asks: what would have to be known to say more, most useful first.
        blind: participants whose updates can't be had, so that sums over them weren't checked.
        wrong_sums: whether a node's numerators, weights or memory are wrong, shown or not.
    """

    faults: tuple[Fault, ...] = ()
    asks: tuple[AskOfProposal, ...] = ()
    blind: tuple[str, ...] = ()
    wrong_sums: bool = False

    @property
    def right(self) -> bool:
        """Whether everything was seen and nothing is wrong."""
        return not (self.faults or self.asks or self.blind or self.wrong_sums)


def judge(state: StakedState, truth: Expected, known: Observed, at_once: int = AT_ONCE) -> Verdict:
    """Returns what is wrong with the standing proposal, or can't be seen of it.

    Args:
        state: the round's.
        truth: what the counted updates come to.
        known: what is known of the proposal.
        at_once: how many nodes, or chunks of one vector, are asked for at a time.
    """
    if state.disputed is None:
        return Verdict()
    walk = _Walk(state, truth, known, at_once)
    top = Path.of(state.disputed.proposal.top)
    leaves = walk.visit(top)
    # Who is in no leaf that is known may be in one that is not.
    if leaves is not None:
        walk.left_out(top, leaves)
    faults, asks = walk.faults, _one_search(walk.asks, at_once)
    return Verdict(tuple(faults), tuple(asks), tuple(sorted(walk.blind)), walk.wrong_sums)


def _one_search(asks: Sequence[AskNode | AskResult], at_once: int) -> Sequence[AskNode | AskResult]:
    """Returns what one search asks for next: half a proposer's stake pays for no more (F-17).

    One wrong node is enough: where a vector is being searched, its chunks alone.
    """
    of_chunks = [ask for ask in asks if isinstance(ask, AskResult)]
    if of_chunks:
        return [ask for ask in of_chunks if ask.path == of_chunks[0].path]
    return asks[:at_once]


def proof_of(vector: Values, bits: int, chunk: int) -> ChunkProof:
    """Returns a chunk of a vector with its proof; a packed one has a width of its own."""
    if isinstance(vector, PackedVector):
        return ChunkProof(vector.chunk(chunk), tuple(vector.proof(chunk)))
    return ChunkProof(chunk_bytes(vector, bits, chunk), tuple(chunk_proof(vector, bits, chunk)))


def first_difference(ours: IntVector, theirs: IntVector) -> int | None:
    """Returns the first chunk in which two vectors of one length differ; None if in none."""
    # In blocks, so that comparing makes nothing of the whole length.
    block = 256 * CHUNK
    for start in range(0, ours.size, block):
        differ = (ours[start : start + block] != theirs[start : start + block]).nonzero()[0]
        if differ.size:
            return (start + int(differ[0])) // CHUNK
    return None


class _Walk:
    """One walk over a proposed tree, with what was found on it."""

    def __init__(self, state: StakedState, truth: Expected, known: Observed, at_once: int) -> None:
        self._state, self._truth, self._at_once = state, truth, at_once
        self._known = known
        self._right = {leaf_hash(leaf) for leaf in state.counted}
        self.faults: list[Fault] = []
        self.asks: list[AskNode | AskResult] = []
        self.blind: set[str] = set()
        self.wrong_sums = False

    def visit(self, path: Path) -> list[RevealedUpdate] | None:
        """Returns the leaves below a path's end; None if not all are known, or some are wrong."""
        children = self._children(path.end)
        if children is None:
            self.asks.append(AskNode(path))
            return None
        if not is_sound_end(path, children):
            self.faults.append(WrongNode(path, children))
            return None
        leaves = self._leaves(path, children) if children.leaves else self._inner(path, children)
        if leaves is not None:
            self._sums(path, children, leaves)
        return leaves

    def _children(self, node: Node) -> Children | None:
        """Returns a node's children: as told, or the counted leaves in its range if they fit."""
        known = self._known.children.get(node.children_hash)
        if known is not None:
            return known
        low, high = address_order(node.first), address_order(node.last)
        inside = [x for x in self._state.counted if low <= address_order(x.participant) <= high]
        guess = Children(tuple(inside))
        if children_hash(guess.hashes) != node.children_hash:
            return None
        self._known = replace(
            self._known, children={**self._known.children, node.children_hash: guess}
        )
        return guess

    def _leaves(self, path: Path, children: Children) -> list[RevealedUpdate] | None:
        wrong = [i for i, h in enumerate(children.hashes) if h not in self._right]
        for i in wrong:
            self.faults.append(WrongLeaf(path, children.hashes, i, children.leaves[i]))
        return None if wrong else list(children.leaves)

    def _inner(self, path: Path, children: Children) -> list[RevealedUpdate] | None:
        below = [self.visit(path.down(children, turn)) for turn in range(len(children.nodes))]
        known = [leaves for leaves in below if leaves is not None]
        return [leaf for leaves in known for leaf in leaves] if len(known) == len(below) else None

    def _sums(self, path: Path, children: Children, leaves: list[RevealedUpdate]) -> None:
        root = self._truth.root(leaves)
        if root is None:
            lacking = (leaf for leaf in leaves if self._truth.vector(leaf) is None)
            self.blind.update(leaf.participant for leaf in lacking)
        elif root != path.end.numerators_root:
            self.wrong_sums = True
            inputs = self._inputs(children)
            # A child whose own sums are wrong is proved wrong itself, or asked for.
            if inputs is not None:
                self._wrong_chunk(path, children, leaves, inputs)

    def _inputs(self, children: Children) -> list[Values] | None:
        """Returns the vectors that a node's numerators have to follow from, as proposed."""
        vectors: list[Values | None] = []
        if children.leaves:
            vectors = [self._truth.vector(leaf) for leaf in children.leaves]
        else:
            for node in children.nodes:
                leaves = self._known.leaves_below(self._known.children[node.children_hash])
                right = self._truth.root(leaves) == node.numerators_root
                vectors.append(self._truth.numerators(leaves) if right else None)
        found = [vector for vector in vectors if vector is not None]
        return found if len(found) == len(vectors) else None

    def _wrong_chunk(
        self, path: Path, children: Children, leaves: list[RevealedUpdate], inputs: list[Values]
    ) -> None:
        ours, root = self._truth.numerators(leaves), path.end.numerators_root
        if ours is None:
            return
        theirs, told = self._known.numerators.get(root), self._answers(root)
        if theirs is not None:
            chunk = first_difference(ours, theirs)
            claim = None if chunk is None else proof_of(theirs, BITS, chunk)
        else:
            wrong = (i for i, proof in told if proof.chunk != chunk_bytes(ours, BITS, i))
            chunk = next(wrong, None)
            claim = None if chunk is None else dict(told)[chunk]
        if chunk is not None and claim is not None:
            # Leaves are updates, as wide as the lattice; nodes are numerators.
            bits = self._state.bits if children.leaves else BITS
            proofs = tuple(proof_of(vector, bits, chunk) for vector in inputs)
            fault = path, children, chunk, proofs, claim
            self.faults.append(self._hidden_fault(*fault) or WrongChunk(*fault))
        elif theirs is None:
            # A sibling as ours clears every chunk below it: only what is left is asked for.
            seen = [(i, proof.siblings, chunk_proof(ours, BITS, i)) for i, proof in told]
            left = spread(suspects(ours.size, seen), self._at_once)
            self.asks += [AskResult(path, i) for i in left]

    def _hidden_fault(
        self,
        path: Path,
        children: Children,
        chunk: int,
        proofs: tuple[ChunkProof, ...],
        claim: ChunkProof,
    ) -> WrongSum | None:
        """Returns the fault of a hidden sum, with what was opened; None in a plain round."""
        hidden = self._state.hidden
        if hidden is None:
            return None
        seeds = tuple(hidden.seeds[leaf.participant] for leaf in children.leaves)
        _, dropped = hidden.needed(0)
        keys = tuple(hidden.secrets[who] for who in hidden.graph.groups[0] if who in dropped)
        return WrongSum(path, children, chunk, proofs, claim, seeds, keys)

    def _answers(self, root: bytes) -> list[tuple[int, ChunkProof]]:
        return sorted((i, p) for (r, i), p in self._known.chunks.items() if r == root)

    def left_out(self, top: Path, leaves: Sequence[RevealedUpdate]) -> None:
        """Finds who counts and isn't among the leaves, on the way where it would have to be."""
        # By number: an address is the same one in whatever letters it was told.
        present = {address_order(leaf.participant) for leaf in leaves}
        for leaf in self._state.counted:
            place = address_order(leaf.participant)
            if place not in present:
                path, children = self._where(top, place)
                self.faults.append(LeftOut(path, children, leaf.participant))

    def _where(self, path: Path, place: int) -> tuple[Path, Children]:
        children = self._known.children[path.end.children_hash]
        for turn, (low, high, _, _) in enumerate(children.ends):
            if children.nodes and low <= place <= high:
                return self._where(path.down(children, turn), place)
        return path, children
