"""What a watcher does next: a pure function of the round, the time and what is known.

Deeds come in the order in which they are to be sent. Answers first: an account's own stake waits
for them. What can be proved is proved; what can't be seen is asked for, within a limit on bonds;
a question that nobody answered is punished, a pointless one closed, a bond that waited taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from registry.fraud_proofs.nodes import RevealedUpdate, node_hash
from registry.fraud_proofs.stake_rules import AT_ONCE, search_steps
from registry.fraud_proofs.stake_terms import QuestionKind
from trainer.staked.answers import answers
from trainer.staked.state import Question, StakedState, StandingProposal
from trainer.staked.verdict import Expected, Observed, Verdict, proof_of
from trainer.staked.watcher_actions import (
    AskMomentum,
    AskNode,
    AskOfProposal,
    AskUpdate,
    AskVersion,
    Close,
    OutOfRange,
    Punish,
    WatcherAction,
)
from trainer.vectors.stored_vectors import Rooted
from trainer.vectors.vector_roots import chunk_count

__all__ = ["Limits", "WatcherContext", "decide"]


@dataclass(frozen=True)
class Limits:
    """How much a watcher risks: every question that is answered costs its bond.

    What others ask counts nowhere: nobody silences a watcher by asking, and answering, itself.

    Args:
        of_a_proposal: the most of its own questions about one proposal; None: as many as the search
            for one wrong chunk may need, which half a proposer's stake pays for (F-17).
        of_an_update: the most of its own questions about one update.
    """

    of_a_proposal: int | None = None
    of_an_update: int = 2

    def for_proposals(self, state: StakedState) -> int:
        """Returns the most questions about one proposal of a round."""
        if self.of_a_proposal is not None:
            return self.of_a_proposal
        return AT_ONCE * search_steps(state.stakes.vector_length)


@dataclass(frozen=True)
class WatcherContext:
    """Everything that a decision looks at.

    Args:
        state: the round's, from the chain.
        account: who decides.
        now: seconds since 1970.
        truth: what the counted updates come to.
        known: what is known of the standing proposal.
        verdict: what is wrong with that.
        limits: of questions.
        weights: of the new version, if they were worked out.
        memory: what its server remembers, likewise.
    """

    state: StakedState
    account: str
    now: int
    truth: Expected
    known: Observed
    verdict: Verdict
    limits: Limits
    weights: Rooted | None = None
    memory: Rooted | None = None


def decide(view: WatcherContext) -> list[WatcherAction]:
    """Returns the deeds that are due, in their order; none once a round is over and clear."""
    seen = view.truth, view.known, view.now, view.weights, view.memory
    deeds: list[WatcherAction] = list(answers(view.state, view.account, *seen))
    if not view.state.over:
        deeds += _of_updates(view)
    deeds += _endings(view)
    deeds += _of_proposal(view)
    return deeds


def _of_updates(view: WatcherContext) -> list[OutOfRange | AskUpdate]:
    state = view.state
    found: list[OutOfRange | AskUpdate] = []
    if view.now >= state.slash_end and not state.takes_late:
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


def _ask_update(view: WatcherContext, leaf: RevealedUpdate) -> list[AskUpdate]:
    state = view.state
    asked = [
        q
        for q in state.questions
        if q.kind == QuestionKind.UPDATE
        and q.asker == view.account
        and (q.accountable, q.subject) == _name(leaf)
    ]
    # Sooner, it may yet go without a certificate and not count; later, no whole answer window would
    # be left to punish silence in before slashing ends (F-10).
    ends = state.certify_end + state.stakes.answer_window
    early, late = view.now < state.certify_end, view.now >= ends and not state.takes_late
    enough = len(asked) >= view.limits.of_an_update or any(q.open for q in asked)
    if leaf.participant == view.account or early or late or enough:
        return []
    # Nobody can know beforehand which chunk will do, so that keeping a few doesn't help.
    seed = state.round_id + leaf.update_root + view.account.encode() + bytes([len(asked)])
    place = int.from_bytes(sha256(seed).digest(), "big")
    return [AskUpdate(leaf, place % chunk_count(state.stakes.vector_length))]


def _name(leaf: RevealedUpdate) -> tuple[str, bytes]:
    return leaf.participant, leaf.update_root


def _endings(view: WatcherContext) -> list[Punish | Close]:
    found: list[Punish | Close] = []
    for question in view.state.questions:
        if view.state.bond_due_to(question) == view.account:
            found.append(Close(question.number))
        elif _is_punishable(view, question):
            found.append(Punish(question.number))
    return found


def _is_punishable(view: WatcherContext, question: Question) -> bool:
    state = view.state
    overdue = question.open and view.now >= question.deadline and not state.over
    too_late = question.kind == QuestionKind.UPDATE and not state.may_punish(view.now)
    return overdue and not too_late and view.account != question.accountable


def _of_proposal(view: WatcherContext) -> Sequence[WatcherAction]:
    standing, state = view.state.disputed, view.state
    if standing is None or not standing.disputable(view.now) or standing.proposer == view.account:
        return []
    if view.verdict.faults:
        return view.verdict.faults[:1]  # one is enough: the whole stake goes
    # What no quorum holds lapses by itself; before, nobody answers for it.
    # Nor in the last two answer windows: one goes by until the answer is due, one is left to prove
    # what it shows, or to punish silence (F-10).
    if not standing.ends_at or view.now >= standing.ends_at - 2 * state.stakes.answer_window:
        return []
    about = [
        q
        for q in state.questions
        if q.kind != QuestionKind.UPDATE
        and q.proposal == state.proposals
        and q.asker == view.account
    ]
    asked = {(q.kind, q.subject, q.chunk) for q in about}
    left = view.limits.for_proposals(state) - len(about)
    fresh = [ask for ask in view.verdict.asks if _asks(ask, standing) not in asked]
    return fresh[: max(left, 0)]


def _asks(ask: AskOfProposal, standing: StandingProposal) -> tuple[QuestionKind, bytes, int]:
    if isinstance(ask, AskNode):
        return QuestionKind.NODE, node_hash(ask.path.end), 0
    if isinstance(ask, AskVersion):
        return QuestionKind.VERSION, standing.proposal.version_root, ask.chunk
    if isinstance(ask, AskMomentum):
        return QuestionKind.MOMENTUM, standing.proposal.momentum_root, ask.chunk
    return QuestionKind.RESULT, ask.path.end.numerators_root, ask.chunk
