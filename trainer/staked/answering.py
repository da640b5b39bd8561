"""Answers to questions about an account's own update and its own proposal (F-10).

An answer in time earns the bond; silence costs the stake. Both follow from content that the
account itself has published or can work out again.
"""

from __future__ import annotations

from registry.round_nodes import Children, Path, node_hash
from registry.stake_terms import Asked
from trainer.staked.calculation import BITS
from trainer.staked.deeds import AnswerChunk, AnswerNode
from trainer.staked.judging import Known, Truth, proof_of
from trainer.staked.state import Question, StakedState
from trainer.types import IntVector

__all__ = ["answers"]


def answers(
    state: StakedState, account: str, truth: Truth, known: Known, now: int
) -> list[AnswerChunk | AnswerNode]:
    """Returns what an account can answer now, by ascending question.

    Args:
        state: the round's.
        account: whose update and proposal.
        truth: what the counted updates come to.
        known: what is known of the standing proposal.
        now: seconds since 1970; a question past its deadline takes no answer.
    """
    found: list[AnswerChunk | AnswerNode] = []
    for question in state.questions:
        if not question.open or now >= question.deadline:
            continue
        if question.asked == Asked.UPDATE:
            own = question.participant == account
            answer: AnswerChunk | AnswerNode | None
            answer = _of_update(state, question, truth) if own else None
        else:
            standing = state.disputed
            own = standing is not None and standing.proposer == account
            current = own and question.proposal == state.proposals
            answer = _of_proposal(state, question, truth, known) if current else None
        if answer is not None:
            found.append(answer)
    return found


def _of_update(state: StakedState, question: Question, truth: Truth) -> AnswerChunk | None:
    for leaf in state.counted:
        if (leaf.participant, leaf.update_root) == (question.participant, question.subject):
            vector = truth.vector(leaf)
            if vector is not None:
                proof = proof_of(vector, state.bits, question.chunk)
                return AnswerChunk(question.number, proof)
    return None


def _of_proposal(
    state: StakedState, question: Question, truth: Truth, known: Known
) -> AnswerChunk | AnswerNode | None:
    standing = state.disputed
    for path, children in _nodes(Path.of(standing.proposal.top), known) if standing else ():
        if question.asked == Asked.NODE and node_hash(path.end) == question.subject:
            return AnswerNode(question.number, path, children)
        if question.asked == Asked.RESULT and path.end.numerators_root == question.subject:
            numerators = _numerators(question.subject, children, truth, known)
            if numerators is not None:
                return AnswerChunk(question.number, proof_of(numerators, BITS, question.chunk))
    return None


def _numerators(root: bytes, children: Children, truth: Truth, known: Known) -> IntVector | None:
    leaves = known.leaves_below(children)
    if truth.root(leaves) == root:
        return truth.numerators(leaves)
    return known.numerators.get(root)


def _nodes(path: Path, known: Known) -> list[tuple[Path, Children]]:
    children = known.children.get(path.end.children_hash)
    if children is None:
        return []
    below = [_nodes(path.down(children, turn), known) for turn in range(len(children.nodes))]
    return [(path, children), *(pair for pairs in below for pair in pairs)]
