"""A staked round as its events tell it, in the trainer's own terms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from registry.addresses import address_order
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.fraud_proofs.stake_terms import Proposal, QuestionKind, StakeTerms
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.round_state import RoundState

__all__ = ["Question", "StakedState", "StandingProposal"]


@dataclass(frozen=True)
class StandingProposal:
    """The proposal that stands; times in seconds since 1970.

    Args:
        number: counted from 1 in its round.
        proposer: whose stake it is under.
        proposal: what is proposed.
        certify_by: it lapses unless a quorum holds it by then.
        ends_at: when disputes about it end; 0 as long as it isn't certified.
        vouchers: who has said that it holds it.
    """

    number: int
    proposer: str
    proposal: Proposal
    certify_by: int
    ends_at: int = 0
    vouchers: frozenset[str] = frozenset()

    def disputable(self, now: int) -> bool:
        """Tells whether a fault of it can still be proved."""
        return self.ends_at == 0 or now < self.ends_at


@dataclass(frozen=True)
class Question:
    """A question under a bond (F-10).

    Args:
        number: counted from 0 in its round.
        asker: whose bond it is.
        asked: for a chunk of an update or of numerators, or for a node's children.
        proposal: the number of the proposal that it is about; 0 for an update.
        accountable: whose update, or proposal, it is about.
        subject: the vector's root, or the node's hash.
        chunk: which chunk.
        deadline: of the answer, seconds since 1970.
        open: whether it waits for its answer.
        answered: whether it got one.
        bond_held: whether its bond is locked; of an answered one about a proposal until it is known
            what becomes of that.
    """

    number: int
    asker: str
    kind: QuestionKind
    proposal: int
    accountable: str
    subject: bytes
    chunk: int
    deadline: int
    open: bool
    answered: bool
    bond_held: bool


@dataclass(frozen=True)
class StakedState:
    """Everything that decides what may be proposed, proved and asked.

    Args:
        round: the round in TrainingRounds.
        sponsor: who opened it.
        stakes: its stake terms.
        participants: those with a stake, slashed ones included.
        slashed: those whose update doesn't count, and whose stake is lost.
        certified: participants whose update a quorum holds (F-16).
        signers: who may vouch for what it holds, and has a stake to answer with.
        vouched: by signer, whose updates it has said that it holds.
        burnt: signers whose stake is lost though their own update counts.
        standing: the proposal that stands or is settled, if there is one.
        settled: whether it is settled.
        proposals: how many were made so far.
        questions: all of them, by number.
        released: who has the stake of the ended round back.
        answerable: who vouched for an update, or a result, that nobody gave, and has its stake
            still.
        seated: who has a seat: participants and members of the committee.
        appeal_window: of the panel, in seconds; 0 without one.
        refundable: whether the sponsor has something in the pot of a voided round.
        attested: whether evaluators found the standing proposal right, and nobody can appeal any
            more; always in a round without evaluators.
        refuted: whether they found it wrong likewise.
        lapsed: who proposed what no quorum vouched for, and lost its stake.
        hidden: of a round whose updates are hidden; None: they are public.
        in_grace: whether the chain's sequencer is down, or came back less than the grace ago.
    """

    round: RoundState
    sponsor: str
    stakes: StakeTerms
    participants: frozenset[str] = frozenset()
    slashed: frozenset[str] = frozenset()
    standing: StandingProposal | None = None
    settled: bool = False
    proposals: int = 0
    questions: tuple[Question, ...] = ()
    released: frozenset[str] = frozenset()
    certified: frozenset[str] = frozenset()
    signers: frozenset[str] = frozenset()
    vouched: Mapping[str, frozenset[str]] = field(default_factory=dict)
    burnt: frozenset[str] = frozenset()
    answerable: frozenset[str] = frozenset()
    seated: frozenset[str] = frozenset()
    appeal_window: int = 0
    refundable: bool = False
    attested: bool = True
    refuted: bool = False
    lapsed: frozenset[str] = frozenset()
    in_grace: bool = False
    hidden: HiddenState | None = None

    @property
    def round_id(self) -> bytes:
        """The round's id, 32 bytes."""
        return self.round.round_id

    @property
    def bits(self) -> int:
        """The width of an update's values."""
        hidden = self.hidden
        return self.round.terms.lattice.bits if hidden is None else hidden.width

    @property
    def certify_end(self) -> int:
        """When certificates of updates are due, seconds since 1970 (F-16)."""
        return self.stakes.certify_end(self.round.terms.reveal_deadline)

    @property
    def slash_end(self) -> int:
        """From when on proposals are taken and nobody is slashed, seconds since 1970 (F-7)."""
        return self.stakes.slash_end(self.round.terms.reveal_deadline)

    @property
    def over(self) -> bool:
        """Whether the round has ended, with a result or without."""
        return self.settled or self.round.finalised or self.round.voided

    @cached_property
    def revealed(self) -> tuple[RevealedUpdate, ...]:
        """What was revealed under stake and isn't slashed, by ascending address."""
        reveals = self.round.reveals
        seated = [p for p in reveals if p in self.participants and p not in self.slashed]
        return tuple(reveals[p].revealed for p in sorted(seated, key=address_order))

    @cached_property
    def counted(self) -> tuple[RevealedUpdate, ...]:
        """The updates that count, by ascending address: revealed and certified (F-7)."""
        return tuple(leaf for leaf in self.revealed if leaf.participant in self.certified)

    def is_stale(self, question: Question) -> bool:
        """Tells whether the proposal that a question is about was rejected."""
        newest = self.standing is not None and question.proposal == self.proposals
        return question.kind != QuestionKind.UPDATE and not newest

    def bond_due_to(self, question: Question) -> str | None:
        """Returns who can have a question's bond now, by what became of it; None for nobody."""
        if not question.bond_held:
            return None
        if question.open:
            return question.asker if self.over else None
        if self.is_stale(question):
            return question.asker
        if not self.over:
            return None
        # In a void round nobody found out who was right.
        return question.accountable if self.settled else question.asker

    @property
    def unanswered_updates(self) -> bool:
        """Whether an update is asked for that nobody gave: nothing is proposed then (F-10)."""
        return any(q.open and q.kind == QuestionKind.UPDATE for q in self.questions)

    def may_punish(self, now: int) -> bool:
        """Tells whether silence about an update can still be punished (F-10)."""
        return not self.over and (now < self.slash_end or self.proposals == 0)

    @property
    def takes_late(self) -> bool:
        """Whether updates are asked for and slashed after their time, as after an outage (F-17)."""
        return self.in_grace and self.proposals == 0

    def may_vouch(self, account: str) -> bool:
        """Tells whether an account's word counts in certificates."""
        return account in self.signers

    @property
    def disputed(self) -> StandingProposal | None:
        """The proposal that can still be rejected, as far as the round's state goes."""
        return None if self.over else self.standing
