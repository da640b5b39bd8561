"""Staked rounds, certificates, proposals and questions, folded from their contracts' events."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from registry.addresses import ZERO_ADDRESS, address_order
from registry.chain.bindings.events import availability, questions, staked_rounds
from registry.fraud_proofs.nodes import node_hash
from registry.fraud_proofs.stake_terms import Proposal, QuestionKind, StakeTerms
from registry.index.following import Steps, require
from registry.types import Event, Log, ModelId, RoundId

__all__ = [
    "Certificate",
    "ProposalRecord",
    "ProposalStatus",
    "QuestionRecord",
    "QuestionState",
    "Slash",
    "StakedRoundIndex",
    "StakedRoundRecord",
]


class ProposalStatus(StrEnum):
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
    """A proposal. It lapses unless a quorum has certified it by `certify_by`; `ends_at` is when
    disputes about it end, 0 until then. Both are in seconds since 1970.

    Of a rejected one, `fault` says why and `challenger` who showed it; `withheld` whether it was
    asked for something that nobody gave.
    """

    number: int
    proposer: str
    proposal: Proposal
    certify_by: int
    block_number: int
    ends_at: int = 0
    standing: ProposalStatus = ProposalStatus.STANDING
    challenger: str = ZERO_ADDRESS
    fault: str = ""
    holders: tuple[str, ...] = ()
    vouchers: set[str] = field(default_factory=set)
    withheld: bool = False


@dataclass(frozen=True)
class Slash:
    """Who showed a participant's fault, and which."""

    challenger: str
    fault: str


@dataclass(frozen=True)
class Certificate:
    """A certificate of updates: which holders hold the updates of which seats, as bitmaps."""

    number: int
    holders: tuple[str, ...]
    held: tuple[tuple[int, ...], ...]

    def holds(self, position: int, index: int) -> bool:
        """Tells whether a holder signed for the update of a seat."""
        return has_bit(self.held[position], index)


def has_bit(bitmap: Sequence[int], index: int) -> bool:
    """Tells whether a bitmap of 256-bit words has a bit set."""
    word, bit = divmod(index, 256)
    return word < len(bitmap) and bitmap[word] >> bit & 1 == 1


@dataclass
class QuestionRecord:
    """A question; `deadline` in seconds since 1970.

    `proposal` is the number of the proposal that it asks of, 0 for an update; `accountable` whose
    data it is about. `subject` is the root of the vector, or the hash of the node, that is asked
    for. `bond_held` says whether its bond is locked: of an answered one about a proposal until it
    is known what becomes of that.
    """

    number: int
    asker: str
    kind: QuestionKind
    proposal: int
    accountable: str
    subject: bytes
    chunk: int
    deadline: int
    state: QuestionState = QuestionState.OPEN
    answerer: str = ZERO_ADDRESS
    bond_held: bool = True


@dataclass
class StakedRoundRecord:
    """One staked round.

    `participants` maps participants to their stakes, slashed ones included, `holders` those of the
    committee likewise; `seats` maps both to their bits in certificates. `vouched` is what each
    holder said last that it holds, `said` all that anyone said by a transaction. `burnt` are
    stakes that are lost though their updates count, `withheld` slashed participants whose data
    nobody gave.
    """

    round_id: RoundId
    model_id: ModelId
    sponsor: str
    stakes: StakeTerms
    block_number: int
    participants: dict[str, int] = field(default_factory=dict)
    holders: dict[str, int] = field(default_factory=dict)
    seats: dict[str, int] = field(default_factory=dict)
    vouched: dict[str, tuple[int, ...]] = field(default_factory=dict)
    said: set[tuple[str, tuple[int, ...]]] = field(default_factory=set)
    certificates: list[Certificate] = field(default_factory=list)
    certified: tuple[int, ...] = ()
    slashed: dict[str, Slash] = field(default_factory=dict)
    burnt: dict[str, str] = field(default_factory=dict)
    withheld: set[str] = field(default_factory=set)
    released: set[str] = field(default_factory=set)
    proposals: list[ProposalRecord] = field(default_factory=list)
    questions: list[QuestionRecord] = field(default_factory=list)

    def is_certified(self, participant: str) -> bool:
        """Tells whether a quorum holds a participant's update."""
        seat = self.seats.get(participant)
        return seat is not None and has_bit(self.certified, seat)

    def is_counted(self, participant: str) -> bool:
        """Tells whether what a participant revealed counts: under stake, certified, not slashed."""
        seated = participant in self.participants and participant not in self.slashed
        return seated and self.is_certified(participant)

    def has_stake(self, account: str) -> bool:
        """Tells whether a seat's stake isn't lost yet."""
        return account not in self.burnt and account not in self.slashed

    @property
    def signers(self) -> dict[str, int]:
        """Who may vouch, with their stakes: the committee, if there is one, or participants."""
        return self.holders if any(self.stakes.committee) else self.participants

    @property
    def standing(self) -> ProposalRecord | None:
        """The proposal that stands or is settled, if there is one."""
        newest = self.proposals[-1] if self.proposals else None
        return None if newest is None or newest.standing == ProposalStatus.REJECTED else newest

    @property
    def settled(self) -> bool:
        """Whether a proposal became the round's result."""
        return self.standing is not None and self.standing.standing == ProposalStatus.SETTLED

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


class _OfSeat(Protocol):
    """An event of a seat that was taken."""

    @property
    def round_id(self) -> bytes: ...
    @property
    def index(self) -> int: ...
    @property
    def stake(self) -> int: ...


@dataclass
class StakedRoundIndex:
    """Every staked round by its id."""

    rounds: dict[RoundId, StakedRoundRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def _opened(self, event: Log[staked_rounds.StakedRoundOpened]) -> None:
        a = event.arguments
        require(a.round_id not in self.rounds, "the round is open already")
        self.rounds[a.round_id] = StakedRoundRecord(
            a.round_id, a.model_id, a.sponsor, a.stakes, event.block_number
        )

    def _participant_locked(self, event: Log[staked_rounds.ParticipantStakeLocked]) -> None:
        a = event.arguments
        self._seat(a, self.rounds[a.round_id].participants, a.participant)

    def _holder_locked(self, event: Log[staked_rounds.HolderStakeLocked]) -> None:
        a = event.arguments
        self._seat(a, self.rounds[a.round_id].holders, a.holder)

    def _seat(self, a: _OfSeat, seated: dict[str, int], who: str) -> None:
        record = self.rounds[a.round_id]
        seats, stake = record.seats, record.stakes.participant_stake
        require(a.stake == stake, f"a seat costs {stake}, not {a.stake}")
        require(who not in seats, f"{who} has a seat already")
        require(a.index == len(seats), f"seat {a.index} is not the next one, {len(seats)}")
        seats[who], seated[who] = a.index, a.stake

    def _vouched(self, event: Log[availability.UpdatesVouchedFor]) -> None:
        record, holder = self.rounds[event.arguments.round_id], event.arguments.holder
        held = event.arguments.held
        require(holder in record.signers, f"{holder} has no seat that vouches")
        record.vouched[holder] = held
        record.said.add((holder, held))

    def _certified(self, event: Log[availability.UpdatesCertified]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        number = len(record.certificates)
        require(a.certificate == number, f"certificate {a.certificate} is not {number}")
        self._require_quorum(record, a.holders)
        require(len(a.held) == len(a.holders), "each holder has a bitmap")
        record.certificates.append(Certificate(number, a.holders, a.held))
        record.certified = a.certified

    @staticmethod
    def _require_quorum(record: StakedRoundRecord, holders: Sequence[str]) -> None:
        quorum = record.stakes.quorum
        require(len(holders) >= quorum, f"{len(holders)} holders are no quorum of {quorum}")
        require(all(who in record.signers for who in holders), "a holder has no seat that vouches")
        places = [address_order(who) for who in holders]
        require(places == sorted(set(places)), "holders come once each, ascending")

    def _standing(self, round_id: RoundId, number: int) -> ProposalRecord:
        """Returns the standing proposal, which has that number."""
        standing = self.rounds[round_id].standing
        found = standing is not None and standing.number == number
        require(found, f"proposal {number} doesn't stand")
        return self.rounds[round_id].proposals[number - 1]

    def _result_vouched(self, event: Log[availability.ResultVouchedFor]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        require(a.holder in record.signers, f"{a.holder} has no seat that vouches")
        self._standing(a.round_id, a.proposal).vouchers.add(a.holder)

    def _result_certified(self, event: Log[availability.ResultCertified]) -> None:
        a = event.arguments
        proposal = self._standing(a.round_id, a.proposal)
        require(not proposal.holders, "the proposal is certified already")
        self._require_quorum(self.rounds[a.round_id], a.holders)
        proposal.holders = a.holders

    def _proposal_certified(self, event: Log[staked_rounds.ProposalCertified]) -> None:
        a = event.arguments
        proposal = self._standing(a.round_id, a.number)
        require(proposal.ends_at == 0, "the proposal is certified already")
        require(proposal.holders != (), "nobody vouches for the proposal")
        proposal.ends_at = a.ends_at

    def _burnt(self, event: Log[staked_rounds.StakeBurnt]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        lost = a.account in record.burnt or a.account in record.slashed
        require(a.account in record.seats and not lost, "there is no stake to burn")
        record.burnt[a.account] = _text(a.fault)

    def _proposed(self, event: Log[staked_rounds.AggregateProposed]) -> None:
        a = event.arguments
        number = len(self.rounds[a.round_id].proposals) + 1
        require(a.number == number, f"proposal {a.number} is not the next one, {number}")
        self.rounds[a.round_id].proposals.append(
            ProposalRecord(a.number, a.proposer, a.proposal, a.certify_by, event.block_number)
        )

    def _rejected(self, event: Log[staked_rounds.ProposalRejected]) -> None:
        a = event.arguments
        rejected = self.rounds[a.round_id].proposals[a.number - 1]
        standing = rejected.standing == ProposalStatus.STANDING
        require(standing and rejected.proposer == a.proposer, "no such proposal stands")
        rejected.standing = ProposalStatus.REJECTED
        rejected.challenger, rejected.fault = a.beneficiary, _text(a.fault)

    def _slashed(self, event: Log[staked_rounds.ParticipantSlashed]) -> None:
        a = event.arguments
        self.rounds[a.round_id].slashed[a.participant] = Slash(a.beneficiary, _text(a.fault))

    def _update_withheld(self, event: Log[staked_rounds.UpdateWithheld]) -> None:
        record, who = self.rounds[event.arguments.round_id], event.arguments.participant
        require(who in record.slashed and who not in record.withheld, f"{who} hides nothing more")
        record.withheld.add(who)

    def _result_withheld(self, event: Log[staked_rounds.ResultWithheld]) -> None:
        proposal = self.rounds[event.arguments.round_id].proposals[event.arguments.number - 1]
        require(not proposal.withheld, "the proposal is known to be withheld")
        proposal.withheld = True

    def _settled(self, event: Log[staked_rounds.RoundSettled]) -> None:
        a = event.arguments
        self.rounds[a.round_id].proposals[a.number - 1].standing = ProposalStatus.SETTLED

    def _released(self, event: Log[staked_rounds.StakeReleased]) -> None:
        self.rounds[event.arguments.round_id].released.add(event.arguments.account)

    def _asked(self, event: Log[questions.QuestionAsked]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        asked = QuestionKind(a.kind)
        record.questions.append(
            QuestionRecord(
                a.question,
                a.asker,
                asked,
                0 if asked == QuestionKind.UPDATE else len(record.proposals),
                a.accountable,
                a.subject,
                a.chunk,
                a.deadline,
            )
        )

    def _answered(self, event: Log[questions.QuestionAnswered]) -> None:
        question = self.rounds[event.arguments.round_id].questions[event.arguments.question]
        question.state = QuestionState.ANSWERED
        question.answerer = event.arguments.answerer
        question.bond_held = question.kind != QuestionKind.UPDATE

    def _closed(self, event: Log[questions.QuestionClosed]) -> None:
        question = self.rounds[event.arguments.round_id].questions[event.arguments.question]
        require(question.bond_held, f"the question is {question.state}, and its bond is paid")
        question.bond_held = False
        if question.state == QuestionState.OPEN:
            question.state = QuestionState.CLOSED


_STEPS = (
    Steps[StakedRoundIndex]()
    .on(staked_rounds.StakedRoundOpened, StakedRoundIndex._opened)
    .on(staked_rounds.ParticipantStakeLocked, StakedRoundIndex._participant_locked)
    .on(staked_rounds.HolderStakeLocked, StakedRoundIndex._holder_locked)
    .on(availability.UpdatesVouchedFor, StakedRoundIndex._vouched)
    .on(availability.UpdatesCertified, StakedRoundIndex._certified)
    .on(availability.ResultVouchedFor, StakedRoundIndex._result_vouched)
    .on(availability.ResultCertified, StakedRoundIndex._result_certified)
    .on(staked_rounds.AggregateProposed, StakedRoundIndex._proposed)
    .on(staked_rounds.ProposalCertified, StakedRoundIndex._proposal_certified)
    .on(staked_rounds.StakeBurnt, StakedRoundIndex._burnt)
    .on(staked_rounds.ProposalRejected, StakedRoundIndex._rejected)
    .on(staked_rounds.ParticipantSlashed, StakedRoundIndex._slashed)
    .on(staked_rounds.UpdateWithheld, StakedRoundIndex._update_withheld)
    .on(staked_rounds.ResultWithheld, StakedRoundIndex._result_withheld)
    .on(staked_rounds.RoundSettled, StakedRoundIndex._settled)
    .on(staked_rounds.StakeReleased, StakedRoundIndex._released)
    .on(questions.QuestionAsked, StakedRoundIndex._asked)
    .on(questions.QuestionAnswered, StakedRoundIndex._answered)
    .on(questions.QuestionClosed, StakedRoundIndex._closed)
)
