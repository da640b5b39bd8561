"""Gathers what can be known of a standing proposal, each piece held against its hash.

From three places: the tree that is worked out here, which is the proposed one if that is right;
what the proposer has laid open; and the answers to questions, which are in the transactions that
gave them. Content that is missing, malformed or too large is as good as none.
"""

from __future__ import annotations

from pathlib import Path

from registry.documents.result import LARGEST_RESULT, ResultDocument
from registry.errors import (
    AggregationError,
    ConfigError,
    RoundError,
    StorageError,
    StoreUnavailable,
)
from registry.fraud_proofs.nodes import Children, children_hash
from registry.fraud_proofs.stake_terms import ChunkProof, QuestionKind
from registry.fraud_proofs.trees import Tree
from trainer.ports import BlobStore
from trainer.staked.numerator_trees import BITS, Calculation
from trainer.staked.ports import StakedBoard
from trainer.staked.published import PublishedTree, read_published
from trainer.staked.state import Question, StakedState, StandingProposal
from trainer.staked.verdict import Observed
from trainer.types import IntVector
from trainer.vectors.vector_roots import vector_root, verify_packed

__all__ = ["Disclosure"]

_BYTES_OF_A_LEAF = 2_048


class Disclosure:
    """What is known of the proposals of one round.

    Args:
        board: where answers are.
        blobs: where a proposer's content is.
        work: a folder for what is fetched; may be lost between runs.
    """

    def __init__(self, board: StakedBoard, blobs: BlobStore, work: Path) -> None:
        self._board, self._blobs, self._work = board, blobs, work
        self._answers: dict[tuple[bytes, int], ChunkProof | Children] = {}
        self._roots: dict[bytes, bytes] = {}

    def known(self, state: StakedState, calculation: Calculation) -> Observed:
        """Returns what is known of the standing proposal; without one, of what questions wait for.

        Raises:
            StoreUnavailable: storage gave no answer.
        """
        standing = state.disputed
        waited_for = any(q.open and state.is_stale(q) for q in state.questions)
        if standing is None and (state.over or not waited_for):
            return Observed()
        honest = _honest(state, calculation)
        children = {} if honest is None else _by_hash(_groups(honest))
        right = None if honest is None else honest.top
        if standing is None:
            return Observed(children, right=right)
        numerators: dict[bytes, IntVector] = {}
        tree, vector = self._published(state, standing)
        if tree is not None:
            children |= _by_hash([*tree.groups, Children(tree.leaves)])
        if vector is not None:
            numerators[self._root(standing, vector)] = vector
        chunks = {}
        for question, answer in self._answered(state).items():
            asked = state.questions[question]
            if isinstance(answer, Children):
                children |= _by_hash([answer])
            elif _proves(state, asked, answer):
                chunks[asked.subject, asked.chunk] = answer
        return Observed(children, numerators, chunks, right)

    def _published(
        self, state: StakedState, standing: StandingProposal
    ) -> tuple[PublishedTree | None, IntVector | None]:
        length = state.stakes.vector_length
        limit = _BYTES_OF_A_LEAF * (2 * len(state.round.reveals) + 64)
        try:
            text = self._blobs.get_bytes(standing.proposal.document_digest, LARGEST_RESULT)
            digest = ResultDocument.parse(text).aggregation
            if digest is None:
                return None, None
            folder = self._work / "published" / digest.hex()
            self._blobs.get_folder(digest, folder, 8 * length + limit)
            tree, vector = read_published(folder, length, limit)
        except StoreUnavailable:
            raise
        except (ConfigError, StorageError, AggregationError):
            return None, None
        return (tree if tree.round_id == state.round_id else None), vector

    def _root(self, standing: StandingProposal, vector: IntVector) -> bytes:
        key = standing.proposal.document_digest
        if key not in self._roots:
            self._roots[key] = vector_root(vector, BITS)
        return self._roots[key]

    def _answered(self, state: StakedState) -> dict[int, ChunkProof | Children]:
        """Returns the answers about the newest proposal, by question."""
        found = {}
        for question in state.questions:
            if not question.answered or question.proposal != state.proposals:
                continue
            # A question's number may stand for another one after a re-org: its subject doesn't.
            key = question.subject, question.chunk
            if key not in self._answers:
                answer = self._board.answer(state.round_id, question.number)
                if answer is None:
                    continue
                self._answers[key] = answer
            found[question.number] = self._answers[key]
        return found


def _honest(state: StakedState, calculation: Calculation) -> Tree | None:
    try:
        return calculation.tree(state.counted)
    except (RoundError, AggregationError, ConfigError):
        return None


def _groups(tree: Tree) -> list[Children]:
    levels = enumerate(tree.levels)
    return [tree.children(level, at) for level, nodes in levels for at in range(len(nodes))]


def _by_hash(groups: list[Children]) -> dict[bytes, Children]:
    return {children_hash(group.hashes): group for group in groups}


def _proves(state: StakedState, asked: Question, proof: ChunkProof) -> bool:
    if asked.kind not in (QuestionKind.RESULT, QuestionKind.VERSION, QuestionKind.MOMENTUM):
        return False
    # Numerators and momenta have one width.
    bits = state.stakes.precision if asked.kind == QuestionKind.VERSION else BITS
    length = state.stakes.vector_length
    return verify_packed(asked.subject, bits, length, asked.chunk, proof.chunk, proof.siblings)
