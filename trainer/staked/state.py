"""A staked round as its events tell it, in the trainer's own terms."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from registry.round_nodes import Leaf, place_of
from registry.stake_terms import Asked, Proposal, StakeTerms
from trainer.rounds import RoundState

__all__ = ["Question", "StakedState", "StandingProposal"]


@dataclass(frozen=True)
class StandingProposal:
    """The proposal that stands; disputes about it end at `ends_at`, seconds since 1970."""

    number: int
    proposer: str
    proposal: Proposal
    ends_at: int


@dataclass(frozen=True)
class Question:
    """A question under a bond (F-10).

    Args:
        number: counted from 0 in its round.
        asker: whose bond it is.
        asked: for a chunk of an update or of numerators, or for a node's children.
        proposal: the number of the proposal that it is about; 0 for an update.
        participant: whose update it is about.
        subject: the vector's root, or the node's hash.
        chunk: which chunk.
        deadline: of the answer, seconds since 1970.
        open: whether it waits for its answer.
        answered: whether it got one.
    """

    number: int
    asker: str
    asked: Asked
    proposal: int
    participant: str
    subject: bytes
    chunk: int
    deadline: int
    open: bool
    answered: bool


@dataclass(frozen=True)
class StakedState:
    """Everything that decides what may be proposed, proved and asked.

    Args:
        round: the round in TrainingRounds.
        sponsor: who opened it.
        stakes: its stake terms.
        enlisted: participants with a stake, struck ones included.
        struck: those whose stake is lost.
        standing: the proposal that stands or is settled, if there is one.
        settled: whether it is settled.
        proposals: how many were made so far.
        questions: all of them, by number.
        released: who has the stake of the ended round back.
        refunded: whether the budget of a voided round was paid back to the sponsor.
        attested: whether evaluators found the standing proposal right, and nobody can appeal any
            more; always in a round without evaluators.
        refuted: whether they found it wrong likewise.
    """

    round: RoundState
    sponsor: str
    stakes: StakeTerms
    enlisted: frozenset[str] = frozenset()
    struck: frozenset[str] = frozenset()
    standing: StandingProposal | None = None
    settled: bool = False
    proposals: int = 0
    questions: tuple[Question, ...] = ()
    released: frozenset[str] = frozenset()
    refunded: bool = False
    attested: bool = True
    refuted: bool = False

    @property
    def round_id(self) -> bytes:
        """The round's id, 32 bytes."""
        return self.round.round_id

    @property
    def bits(self) -> int:
        """The width of an update's values."""
        return self.round.terms.lattice.bits

    @property
    def strikes_end(self) -> int:
        """From when on proposals are taken and nobody is struck, seconds since 1970 (F-7)."""
        return self.stakes.strikes_end(self.round.terms.reveal_deadline)

    @property
    def over(self) -> bool:
        """Whether the round has ended, with a result or without."""
        return self.settled or self.round.finalised or self.round.voided

    @cached_property
    def counted(self) -> tuple[Leaf, ...]:
        """The updates that count, by ascending address: enlisted, revealed, not struck (F-7)."""
        reveals = self.round.reveals
        counting = [p for p in reveals if p in self.enlisted and p not in self.struck]
        return tuple(
            Leaf(p, reveals[p].update_root, reveals[p].content_digest, reveals[p].weight)
            for p in sorted(counting, key=place_of)
        )

    @property
    def disputed(self) -> StandingProposal | None:
        """The proposal that can still be rejected, as far as the round's state goes."""
        return None if self.over else self.standing
