"""What a watcher does next: a pure function of the round, the time and what is known.

Deeds come in the order in which they are to be sent. Answers first: an account's own stake waits
for them. What can be proved is proved; what can't be seen is asked for, within a limit on bonds;
a question that nobody answered is punished, one that is pointless closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from registry.round_nodes import Leaf, node_hash
from registry.stake_terms import Asked
from trainer.commitments import chunk_count
from trainer.staked.answering import answers
from trainer.staked.deeds import AskNode, AskResult, AskUpdate, Close, Deed, OutOfRange, Punish
from trainer.staked.judging import Known, Truth, Verdict, proof_of
from trainer.staked.state import Question, StakedState

__all__ = ["Limits", "View", "decide", "is_stale"]


@dataclass(frozen=True)
class Limits:
    """How much a watcher risks: every question that is answered costs its bond.

    Args:
        of_a_proposal: the most questions about one proposal.
        of_an_update: the most questions about one update, whoever asked them.
    """

    of_a_proposal: int = 16
    of_an_update: int = 2


@dataclass(frozen=True)
class View:
    """Everything that a decision looks at.

    Args:
        state: the round's, from the chain.
        account: who decides.
        now: seconds since 1970.
        truth: what the counted updates come to.
        known: what is known of the standing proposal.
        verdict: what is wrong with that.
        limits: of questions.
    """

    state: StakedState
    account: str
    now: int
    truth: Truth
    known: Known
    verdict: Verdict
    limits: Limits


def decide(view: View) -> list[Deed]:
    """Returns the deeds that are due, in their order; none once a round is over and clear."""
    deeds: list[Deed] = list(answers(view.state, view.account, view.truth, view.known, view.now))
    if not view.state.over:
        deeds += _of_updates(view)
    deeds += _endings(view)
    deeds += _of_proposal(view)
    return deeds


def is_stale(state: StakedState, question: Question) -> bool:
    """Tells whether a question's proposal doesn't stand any more."""
    newest = state.standing is not None and question.proposal == state.proposals
    return question.asked != Asked.UPDATE and not newest


def _of_updates(view: View) -> list[OutOfRange | AskUpdate]:
    state = view.state
    found: list[OutOfRange | AskUpdate] = []
    if view.now >= state.strikes_end:
        return []
    for leaf in state.counted:
        vector = view.truth.vector(leaf)
        if vector is None:
            found += _ask_update(view, leaf)
        else:
            chunk = view.truth.outside(leaf)
            if chunk is not None:
                found.append(OutOfRange(leaf, chunk, proof_of(vector, state.bits, chunk)))
    return found


def _ask_update(view: View, leaf: Leaf) -> list[AskUpdate]:
    state = view.state
    asked = [
        q
        for q in state.questions
        if q.asked == Asked.UPDATE and (q.participant, q.subject) == _name(leaf)
    ]
    ends = state.round.terms.reveal_deadline + state.stakes.answer_window
    late, enough = view.now >= ends, len(asked) >= view.limits.of_an_update
    if leaf.participant == view.account or late or enough or any(q.open for q in asked):
        return []
    # Nobody can know beforehand which chunk will do, so that keeping a few doesn't help.
    seed = state.round_id + leaf.update_root + view.account.encode() + bytes([len(asked)])
    place = int.from_bytes(sha256(seed).digest(), "big")
    return [AskUpdate(leaf, place % chunk_count(state.stakes.vector_length))]


def _name(leaf: Leaf) -> tuple[str, bytes]:
    return leaf.participant, leaf.update_root


def _endings(view: View) -> list[Punish | Close]:
    found: list[Punish | Close] = []
    for question in view.state.questions:
        if question.open and _is_pointless(view, question):
            if question.asker == view.account:
                found.append(Close(question.number))
        elif question.open and view.now >= question.deadline and not _is_own(view, question):
            found.append(Punish(question.number))
    return found


def _is_pointless(view: View, question: Question) -> bool:
    state = view.state
    if question.asked != Asked.UPDATE:
        return is_stale(state, question)
    counting = {leaf.participant for leaf in state.counted}
    return view.now >= state.strikes_end or question.participant not in counting


def _is_own(view: View, question: Question) -> bool:
    standing = view.state.standing
    proposer = standing.proposer if standing is not None else ""
    return view.account in (question.participant, proposer)


def _of_proposal(view: View) -> Sequence[Deed]:
    standing = view.state.disputed
    if standing is None or view.now >= standing.ends_at or standing.proposer == view.account:
        return []
    if view.verdict.faults:
        return view.verdict.faults[:1]  # one is enough: the whole stake goes
    if view.now >= standing.ends_at - 2 * view.state.stakes.answer_window:
        return []
    about = [
        q
        for q in view.state.questions
        if q.asked != Asked.UPDATE and q.proposal == view.state.proposals
    ]
    asked = {(q.asked, q.subject, q.chunk) for q in about}
    left = view.limits.of_a_proposal - sum(q.asker == view.account for q in about)
    fresh = [ask for ask in view.verdict.asks if _asks(ask) not in asked]
    return fresh[: max(left, 0)]


def _asks(ask: AskNode | AskResult) -> tuple[Asked, bytes, int]:
    if isinstance(ask, AskNode):
        return Asked.NODE, node_hash(ask.path.end), 0
    return Asked.RESULT, ask.path.end.numerators_root, ask.chunk
