"""Answers to questions about what an account is accountable for, or has vouched for (F-10).

Silence costs the stake. Answers follow from content that the account itself has published,
fetched, or can work out again.
"""

from __future__ import annotations

from registry.fraud_proofs.nodes import Children, Path, node_hash
from registry.fraud_proofs.stake_terms import ChunkProof, QuestionKind
from trainer.staked.numerator_trees import BITS
from trainer.staked.state import Question, StakedState
from trainer.staked.verdict import Expected, Observed, proof_of
from trainer.staked.watcher_actions import AnswerChunk, AnswerNode
from trainer.types import IntVector
from trainer.vectors.stored_vectors import Rooted

__all__ = ["answers"]


def answers(
    state: StakedState,
    account: str,
    truth: Expected,
    known: Observed,
    now: int,
    weights: Rooted | None = None,
    memory: Rooted | None = None,
) -> list[AnswerChunk | AnswerNode]:
    """Returns what an account can answer now, by ascending question.

    It answers about its own update and proposal at once. For what it has vouched for it answers
    when half the answer window has passed without the one who is accountable; of a proposal that
    was rejected since, as far as that was right.

    Args:
        state: the round's.
        account: who answers.
        truth: what the counted updates come to.
        known: what is known of the standing proposal.
        now: seconds since 1970; a question past its deadline takes no answer.
        weights: of the new version, as worked out here.
        memory: what its server remembers, if a contract computes that.
    """
    found: list[AnswerChunk | AnswerNode] = []
    for question in state.questions:
        if (
            not question.open
            or now >= question.deadline
            or not _is_due(state, account, question, now)
        ):
            continue
        answer: AnswerChunk | AnswerNode | None
        if question.kind == QuestionKind.UPDATE:
            answer = _of_update(state, question, truth)
        elif question.kind == QuestionKind.VERSION:
            answer = _of_vector(question, weights)
        elif question.kind == QuestionKind.MOMENTUM:
            answer = _of_vector(question, memory)
        else:
            answer = _of_proposal(state, question, truth, known)
        if answer is not None:
            found.append(answer)
    return found


def _is_due(state: StakedState, account: str, question: Question, now: int) -> bool:
    if question.kind == QuestionKind.UPDATE:
        vouched = question.accountable in state.vouched.get(account, frozenset())
    elif state.over:
        return False
    elif state.standing is None or state.is_stale(question):
        # Of a proposal that was right: who vouched for it is still held to its word.
        vouched = state.may_vouch(account)
    else:
        vouched = account in state.standing.vouchers
    late = now >= question.deadline - state.stakes.answer_window // 2
    return question.accountable == account or (vouched and late)


def _of_vector(question: Question, vector: Rooted | None) -> AnswerChunk | None:
    if vector is None or vector.root() != question.subject:
        return None
    chunk = question.chunk
    return AnswerChunk(question.number, ChunkProof(vector.chunk(chunk), tuple(vector.proof(chunk))))


def _of_update(state: StakedState, question: Question, truth: Expected) -> AnswerChunk | None:
    for leaf in state.counted:
        if (leaf.participant, leaf.update_root) == (question.accountable, question.subject):
            vector = truth.vector(leaf)
            if vector is not None:
                proof = proof_of(vector, state.bits, question.chunk)
                return AnswerChunk(question.number, proof)
    return None


def _of_proposal(
    state: StakedState, question: Question, truth: Expected, known: Observed
) -> AnswerChunk | AnswerNode | None:
    top = known.right
    if state.standing is not None and not state.is_stale(question):
        top = state.standing.proposal.top
    for path, children in _nodes(Path.of(top), known) if top is not None else ():
        if question.kind == QuestionKind.NODE and node_hash(path.end) == question.subject:
            return AnswerNode(question.number, path, children)
        if question.kind == QuestionKind.RESULT and path.end.numerators_root == question.subject:
            numerators = _numerators(question.subject, children, truth, known)
            if numerators is not None:
                return AnswerChunk(question.number, proof_of(numerators, BITS, question.chunk))
    return None


def _numerators(
    root: bytes, children: Children, truth: Expected, known: Observed
) -> IntVector | None:
    leaves = known.leaves_below(children)
    if truth.root(leaves) == root:
        return truth.numerators(leaves)
    return known.numerators.get(root)


def _nodes(path: Path, known: Observed) -> list[tuple[Path, Children]]:
    children = known.children.get(path.end.children_hash)
    if children is None:
        return []
    below = [_nodes(path.down(children, turn), known) for turn in range(len(children.nodes))]
    return [(path, children), *(pair for pairs in below for pair in pairs)]
