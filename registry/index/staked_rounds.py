"""Staked rounds, their proposals and questions, folded from StakedRounds' and Disputes' events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from registry.index.following import require
from registry.round_nodes import node_hash
from registry.stake_terms import Asked, Proposal, StakeTerms
from registry.types import ZERO_ADDRESS, Event, ModelId, RoundId

__all__ = [
    "ProposalRecord",
    "QuestionRecord",
    "QuestionState",
    "StakedRoundBook",
    "StakedRoundRecord",
    "Standing",
    "Strike",
]


class Standing(StrEnum):
    """What became of a proposal."""

    STANDING = "standing"
    REJECTED = "rejected"
    SETTLED = "settled"


class QuestionState(StrEnum):
    """What became of a question; one that ends in punishment is closed too."""

    OPEN = "open"
    ANSWERED = "answered"
    CLOSED = "closed"


@dataclass
class ProposalRecord:
    """A proposal; `ends_at`, in seconds since 1970, is when disputes about it end.

    Of a rejected one, `fault` says why and `challenger` who showed it.
    """

    number: int
    proposer: str
    proposal: Proposal
    ends_at: int
    block_number: int
    standing: Standing = Standing.STANDING
    challenger: str = ZERO_ADDRESS
    fault: str = ""


@dataclass(frozen=True)
class Strike:
    """Who showed a participant's fault, and which."""

    challenger: str
    fault: str


@dataclass
class QuestionRecord:
    """A question; `deadline` in seconds since 1970.

    `proposal` is the number of the proposal that it asks of, 0 for an update. `subject` is the
    root of the vector, or the hash of the node, that is asked for.
    """

    number: int
    asker: str
    asked: Asked
    proposal: int
    participant: str
    subject: bytes
    chunk: int
    deadline: int
    state: QuestionState = QuestionState.OPEN
    answerer: str = ZERO_ADDRESS


@dataclass
class StakedRoundRecord:
    """One staked round. `enlisted` maps participants to their stakes, struck ones included."""

    round_id: RoundId
    model_id: ModelId
    sponsor: str
    stakes: StakeTerms
    block_number: int
    enlisted: dict[str, int] = field(default_factory=dict)
    struck: dict[str, Strike] = field(default_factory=dict)
    released: set[str] = field(default_factory=set)
    proposals: list[ProposalRecord] = field(default_factory=list)
    questions: list[QuestionRecord] = field(default_factory=list)
    payouts_refused: bool = False
    refunded: int | None = None

    @property
    def standing(self) -> ProposalRecord | None:
        """The proposal that stands or is settled, if there is one."""
        newest = self.proposals[-1] if self.proposals else None
        return None if newest is None or newest.standing == Standing.REJECTED else newest

    @property
    def settled(self) -> bool:
        """Whether a proposal became the round's result."""
        return self.standing is not None and self.standing.standing == Standing.SETTLED

    @property
    def top_hash(self) -> bytes:
        """The hash of the standing proposal's top; 32 zeros without one."""
        return node_hash(self.standing.proposal.top) if self.standing else bytes(32)

    def open_questions(self, proposal: int | None = None) -> list[QuestionRecord]:
        """Returns the questions that wait; of one proposal by its number, 0 for updates."""
        waiting = [q for q in self.questions if q.state == QuestionState.OPEN]
        return [q for q in waiting if proposal in (None, q.proposal)]


def _text(fault: bytes) -> str:
    return fault.rstrip(b"\0").decode("ascii", errors="replace")


@dataclass
class StakedRoundBook:
    """Every staked round by its id."""

    rounds: dict[RoundId, StakedRoundRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def _of(self, event: Event) -> StakedRoundRecord:
        return self.rounds[event.arguments["roundId"]]

    def _opened(self, event: Event) -> None:
        a = event.arguments
        require(a["roundId"] not in self.rounds, "the round is open already")
        self.rounds[a["roundId"]] = StakedRoundRecord(
            a["roundId"], a["modelId"], a["sponsor"], StakeTerms.of(a["stakes"]), event.block_number
        )

    def _enlisted(self, event: Event) -> None:
        enlisted, a = self._of(event).enlisted, event.arguments
        require(a["participant"] not in enlisted, "the participant is enlisted already")
        enlisted[a["participant"]] = a["stake"]

    def _proposed(self, event: Event) -> None:
        a = event.arguments
        proposal = Proposal.of(a["proposal"])
        number = len(self._of(event).proposals) + 1
        require(a["number"] == number, f"proposal {a['number']} is not the next one, {number}")
        self._of(event).proposals.append(
            ProposalRecord(a["number"], a["proposer"], proposal, a["endsAt"], event.block_number)
        )

    def _rejected(self, event: Event) -> None:
        a = event.arguments
        rejected = self._of(event).proposals[a["number"] - 1]
        standing = rejected.standing == Standing.STANDING
        require(standing and rejected.proposer == a["proposer"], "no such proposal stands")
        rejected.standing = Standing.REJECTED
        rejected.challenger, rejected.fault = a["challenger"], _text(a["fault"])

    def _struck(self, event: Event) -> None:
        a = event.arguments
        self._of(event).struck[a["participant"]] = Strike(a["challenger"], _text(a["fault"]))

    def _settled(self, event: Event) -> None:
        self._of(event).proposals[event.arguments["number"] - 1].standing = Standing.SETTLED

    def _payouts_refused(self, event: Event) -> None:
        self._of(event).payouts_refused = True

    def _released(self, event: Event) -> None:
        self._of(event).released.add(event.arguments["account"])

    def _refunded(self, event: Event) -> None:
        self._of(event).refunded = event.arguments["amount"]

    def _asked(self, event: Event) -> None:
        a, record = event.arguments, self._of(event)
        asked = Asked(a["asked"])
        record.questions.append(
            QuestionRecord(
                a["question"],
                a["asker"],
                asked,
                0 if asked == Asked.UPDATE else len(record.proposals),
                a["participant"],
                a["subject"],
                a["chunk"],
                a["deadline"],
            )
        )

    def _answered(self, event: Event) -> None:
        question = self._of(event).questions[event.arguments["question"]]
        question.state = QuestionState.ANSWERED
        question.answerer = event.arguments["answerer"]

    def _closed(self, event: Event) -> None:
        question = self._of(event).questions[event.arguments["question"]]
        require(question.state == QuestionState.OPEN, f"the question is {question.state}")
        question.state = QuestionState.CLOSED


_STEPS: dict[str, Callable[[StakedRoundBook, Event], None]] = {
    "StakedRoundOpened": StakedRoundBook._opened,
    "ParticipantEnlisted": StakedRoundBook._enlisted,
    "AggregateProposed": StakedRoundBook._proposed,
    "ProposalRejected": StakedRoundBook._rejected,
    "ParticipantStruck": StakedRoundBook._struck,
    "RoundSettled": StakedRoundBook._settled,
    "PayoutsNotPosted": StakedRoundBook._payouts_refused,
    "StakeReleased": StakedRoundBook._released,
    "SponsorRefunded": StakedRoundBook._refunded,
    "QuestionAsked": StakedRoundBook._asked,
    "QuestionAnswered": StakedRoundBook._answered,
    "QuestionClosed": StakedRoundBook._closed,
}
