"""Staked rounds, certificates, proposals and questions, folded from their contracts' events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from registry.addresses import ZERO_ADDRESS, address_order
from registry.fraud_proofs.nodes import node_hash
from registry.fraud_proofs.stake_terms import Proposal, QuestionKind, StakeTerms
from registry.index.following import require
from registry.types import Event, ModelId, RoundId

__all__ = [
    "Certificate",
    "ProposalRecord",
    "QuestionRecord",
    "QuestionState",
    "Slash",
    "StakedRoundBook",
    "StakedRoundRecord",
    "Standing",
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
    standing: Standing = Standing.STANDING
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

    def _participant_locked(self, event: Event) -> None:
        self._seat(event, self._of(event).participants, event.arguments["participant"])

    def _holder_locked(self, event: Event) -> None:
        self._seat(event, self._of(event).holders, event.arguments["holder"])

    def _seat(self, event: Event, seated: dict[str, int], who: str) -> None:
        record, a = self._of(event), event.arguments
        seats, stake = record.seats, record.stakes.participant_stake
        require(a["stake"] == stake, f"a seat costs {stake}, not {a['stake']}")
        require(who not in seats, f"{who} has a seat already")
        require(a["index"] == len(seats), f"seat {a['index']} is not the next one, {len(seats)}")
        seats[who], seated[who] = a["index"], a["stake"]

    def _vouched(self, event: Event) -> None:
        record, holder = self._of(event), event.arguments["holder"]
        held = tuple(event.arguments["held"])
        require(holder in record.signers, f"{holder} has no seat that vouches")
        record.vouched[holder] = held
        record.said.add((holder, held))

    def _certified(self, event: Event) -> None:
        record, a = self._of(event), event.arguments
        number = len(record.certificates)
        require(a["certificate"] == number, f"certificate {a['certificate']} is not {number}")
        self._require_quorum(record, a["holders"])
        held = tuple(tuple(bitmap) for bitmap in a["held"])
        require(len(held) == len(a["holders"]), "each holder has a bitmap")
        record.certificates.append(Certificate(number, tuple(a["holders"]), held))
        record.certified = tuple(a["certified"])

    @staticmethod
    def _require_quorum(record: StakedRoundRecord, holders: Sequence[str]) -> None:
        quorum = record.stakes.quorum
        require(len(holders) >= quorum, f"{len(holders)} holders are no quorum of {quorum}")
        require(all(who in record.signers for who in holders), "a holder has no seat that vouches")
        places = [address_order(who) for who in holders]
        require(places == sorted(set(places)), "holders come once each, ascending")

    def _standing(self, event: Event, number: int) -> ProposalRecord:
        """Returns the standing proposal, which has that number."""
        standing = self._of(event).standing
        found = standing is not None and standing.number == number
        require(found, f"proposal {number} doesn't stand")
        return self._of(event).proposals[number - 1]

    def _result_vouched(self, event: Event) -> None:
        a, record = event.arguments, self._of(event)
        require(a["holder"] in record.signers, f"{a['holder']} has no seat that vouches")
        self._standing(event, a["proposal"]).vouchers.add(a["holder"])

    def _result_certified(self, event: Event) -> None:
        a = event.arguments
        proposal = self._standing(event, a["proposal"])
        require(not proposal.holders, "the proposal is certified already")
        self._require_quorum(self._of(event), a["holders"])
        proposal.holders = tuple(a["holders"])

    def _proposal_certified(self, event: Event) -> None:
        a = event.arguments
        proposal = self._standing(event, a["number"])
        require(proposal.ends_at == 0, "the proposal is certified already")
        require(proposal.holders != (), "nobody vouches for the proposal")
        proposal.ends_at = a["endsAt"]

    def _burnt(self, event: Event) -> None:
        record, a = self._of(event), event.arguments
        lost = a["account"] in record.burnt or a["account"] in record.slashed
        require(a["account"] in record.seats and not lost, "there is no stake to burn")
        record.burnt[a["account"]] = _text(a["fault"])

    def _proposed(self, event: Event) -> None:
        a = event.arguments
        proposal = Proposal.of(a["proposal"])
        number = len(self._of(event).proposals) + 1
        require(a["number"] == number, f"proposal {a['number']} is not the next one, {number}")
        self._of(event).proposals.append(
            ProposalRecord(a["number"], a["proposer"], proposal, a["certifyBy"], event.block_number)
        )

    def _rejected(self, event: Event) -> None:
        a = event.arguments
        rejected = self._of(event).proposals[a["number"] - 1]
        standing = rejected.standing == Standing.STANDING
        require(standing and rejected.proposer == a["proposer"], "no such proposal stands")
        rejected.standing = Standing.REJECTED
        rejected.challenger, rejected.fault = a["beneficiary"], _text(a["fault"])

    def _slashed(self, event: Event) -> None:
        a = event.arguments
        self._of(event).slashed[a["participant"]] = Slash(a["beneficiary"], _text(a["fault"]))

    def _update_withheld(self, event: Event) -> None:
        record, who = self._of(event), event.arguments["participant"]
        require(who in record.slashed and who not in record.withheld, f"{who} hides nothing more")
        record.withheld.add(who)

    def _result_withheld(self, event: Event) -> None:
        proposal = self._of(event).proposals[event.arguments["number"] - 1]
        require(not proposal.withheld, "the proposal is known to be withheld")
        proposal.withheld = True

    def _settled(self, event: Event) -> None:
        self._of(event).proposals[event.arguments["number"] - 1].standing = Standing.SETTLED

    def _released(self, event: Event) -> None:
        self._of(event).released.add(event.arguments["account"])

    def _asked(self, event: Event) -> None:
        a, record = event.arguments, self._of(event)
        asked = QuestionKind(a["kind"])
        record.questions.append(
            QuestionRecord(
                a["question"],
                a["asker"],
                asked,
                0 if asked == QuestionKind.UPDATE else len(record.proposals),
                a["accountable"],
                a["subject"],
                a["chunk"],
                a["deadline"],
            )
        )

    def _answered(self, event: Event) -> None:
        question = self._of(event).questions[event.arguments["question"]]
        question.state = QuestionState.ANSWERED
        question.answerer = event.arguments["answerer"]
        question.bond_held = question.kind != QuestionKind.UPDATE

    def _closed(self, event: Event) -> None:
        question = self._of(event).questions[event.arguments["question"]]
        require(question.bond_held, f"the question is {question.state}, and its bond is paid")
        question.bond_held = False
        if question.state == QuestionState.OPEN:
            question.state = QuestionState.CLOSED


_STEPS: dict[str, Callable[[StakedRoundBook, Event], None]] = {
    "StakedRoundOpened": StakedRoundBook._opened,
    "ParticipantStakeLocked": StakedRoundBook._participant_locked,
    "HolderStakeLocked": StakedRoundBook._holder_locked,
    "UpdatesVouchedFor": StakedRoundBook._vouched,
    "UpdatesCertified": StakedRoundBook._certified,
    "ResultVouchedFor": StakedRoundBook._result_vouched,
    "ResultCertified": StakedRoundBook._result_certified,
    "AggregateProposed": StakedRoundBook._proposed,
    "ProposalCertified": StakedRoundBook._proposal_certified,
    "StakeBurnt": StakedRoundBook._burnt,
    "ProposalRejected": StakedRoundBook._rejected,
    "ParticipantSlashed": StakedRoundBook._slashed,
    "UpdateWithheld": StakedRoundBook._update_withheld,
    "ResultWithheld": StakedRoundBook._result_withheld,
    "RoundSettled": StakedRoundBook._settled,
    "StakeReleased": StakedRoundBook._released,
    "QuestionAsked": StakedRoundBook._asked,
    "QuestionAnswered": StakedRoundBook._answered,
    "QuestionClosed": StakedRoundBook._closed,
}
