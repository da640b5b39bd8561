"""A round as a pure state machine: events in, state out (R-2 to R-7).

The same fold serves the chain, where events are logs, and the in-memory board, where they are
made on the spot. Nothing here does I/O or looks at a clock: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from registry.documents.batch_entries import Opening
from registry.errors import RoundError
from registry.phases import phase_of
from trainer.protocol.round_events import (
    BatchCommitted,
    BatchRevealed,
    BatchStruck,
    CountedOnce,
    ParticipantEnrolled,
    ResultProposed,
    RoundEvent,
    RoundFinalised,
    RoundOpened,
    RoundVoided,
    UpdateCommitted,
    UpdateRevealed,
)
from trainer.types import Phase, ProposedResult, RoundTerms

__all__ = [
    "Hiding",
    "PostedBatch",
    "RoundState",
    "apply",
    "phase_at",
    "replay",
]


@dataclass(frozen=True)
class PostedBatch:
    """A batch of commitments under one root, and how many of them are revealed under another.

    `own` counts those that were revealed one by one; `counted_once` are shown to be among both.
    """

    root: bytes
    count: int
    document_digest: bytes
    revealed_count: int = 0
    revealed_document: bytes = b""
    own: int = 0
    counted_once: frozenset[str] = frozenset()
    struck: bool = False
    revealed_root: bytes = b""

    @property
    def at_most(self) -> int:
        """How many participants its reveals of either kind can be at most."""
        # Who did both counts twice until somebody shows it, but a batch never for more than
        # it has.
        return min(self.count, self.own + self.revealed_count - len(self.counted_once))


def _none_yet() -> Mapping[str, bytes]:
    return MappingProxyType({})


def _no_batches() -> Mapping[int, PostedBatch]:
    return MappingProxyType({})


def _not_taken() -> Mapping[str, int]:
    return MappingProxyType({})


def _no_reveals() -> Mapping[str, Opening]:
    return MappingProxyType({})


@dataclass(frozen=True)
class Hiding:
    """How far a hidden round has come (H-3 to H-6).

    Args:
        keys: how many published a key of the round.
        shared: how many of them shared their secrets.
        needed: how many secrets the sums of frozen groups need.
        opened: how many of these are open.
        lost: how many of the revealed updates can be in no sum.
    """

    keys: int = 0
    shared: int = 0
    needed: int = 0
    opened: int = 0
    lost: int = 0


@dataclass(frozen=True)
class RoundState:
    """Everything that a round's events say. Mappings are by participant, in order of arrival.

    `hiding` says how far a hidden round has come; None for one whose updates are public.
    """

    round_id: bytes
    coordinator: str
    number: int
    terms: RoundTerms
    enrolled: tuple[str, ...] = ()
    commitments: Mapping[str, bytes] = field(default_factory=_none_yet)
    batches: Mapping[int, PostedBatch] = field(default_factory=_no_batches)
    reveals: Mapping[str, Opening] = field(default_factory=_no_reveals)
    taken_from: Mapping[str, int] = field(default_factory=_not_taken)
    result: ProposedResult | None = None
    challenge_ends_at: int = 0
    finalised: bool = False
    voided: bool = False
    hiding: Hiding | None = None

    @property
    def lost(self) -> int:
        """How many of the revealed updates can be in no sum (H-6)."""
        return 0 if self.hiding is None else self.hiding.lost

    @property
    def standing(self) -> Mapping[int, PostedBatch]:
        """The batches that aren't struck, by number."""
        return {number: batch for number, batch in self.batches.items() if not batch.struck}

    @property
    def seats(self) -> int:
        """Seats taken, in person and in batches that stand."""
        return len(self.enrolled) + sum(batch.count for batch in self.standing.values())

    @property
    def direct_reveals(self) -> int:
        """Revealed updates of direct commitments."""
        return len(self.reveals) - len(self.taken_from)

    @property
    def revealed(self) -> int:
        """At most how many participants revealed, as the contract counts them (R-5)."""
        batched = sum(batch.at_most for batch in self.standing.values())
        return min(self.direct_reveals + batched, self.terms.maximum_participants)

    @property
    def seats_for_batches(self) -> int:
        """The seats that direct ones leave: so many are revealed from batches at most."""
        return self.terms.maximum_participants - len(self.enrolled)

    def room_for_own(self, number: int) -> int:
        """Returns how many more may reveal from a batch one by one."""
        batch, own = self.batches[number], sum(b.own for b in self.standing.values())
        return 0 if batch.struck else min(batch.count - batch.own, self.seats_for_batches - own)

    def room_for_posted(self, number: int) -> int:
        """Returns how many reveals of a batch may be posted."""
        posted = sum(batch.revealed_count for batch in self.standing.values())
        batch = self.batches[number]
        return 0 if batch.struck else min(batch.count, self.seats_for_batches - posted)


def phase_at(state: RoundState, now: int) -> Phase:
    """Returns the phase at a time in seconds (R-2): by deadline, or sooner if all is done."""
    return phase_of(state, now)


def replay(events: Iterable[RoundOpened | RoundEvent]) -> RoundState:
    """Returns the state after a round's events, in order.

    Raises:
        RoundError: no event, one before the opening, or one that can't follow.
    """
    state: RoundState | None = None
    for event in events:
        if isinstance(event, RoundOpened):
            if state is not None:
                raise RoundError("the round was opened before")
            state = RoundState(event.round_id, event.coordinator, event.number, event.terms)
        elif state is None:
            raise RoundError(f"expected RoundOpened first, got {type(event).__name__}")
        else:
            state = apply(state, event)
    if state is None:
        raise RoundError("expected a round's events, got none")
    return state


def apply(state: RoundState, event: RoundEvent) -> RoundState:
    """Returns the state after one more event; the given state stays as it is.

    Raises:
        RoundError: the event can't follow: the round has ended, a seat is taken twice, a second
            commitment (the first one stays, R-3), a second reveal.
    """
    if state.finalised or state.voided:
        raise RoundError(f"{type(event).__name__} after the round ended")
    match event:
        case ParticipantEnrolled(participant):
            _require(participant not in state.enrolled, f"{participant} is enrolled already")
            return replace(state, enrolled=(*state.enrolled, participant))
        case UpdateCommitted(participant, commitment):
            _require(participant in state.enrolled, f"{participant} is not enrolled")
            _require(participant not in state.commitments, f"{participant} has committed already")
            added = {**state.commitments, participant: commitment}
            return replace(state, commitments=MappingProxyType(added))
        case UpdateRevealed():
            return _with_reveal(state, event)
        case BatchCommitted() | BatchRevealed() | CountedOnce():
            return _with_batch(state, event)
        case BatchStruck(batch):
            return _without_batch(state, batch)
        case ResultProposed(result, challenge_ends_at):
            _require(state.result is None, "a result is proposed already")
            return replace(state, result=result, challenge_ends_at=challenge_ends_at)
        case RoundFinalised():
            _require(state.result is not None, "there is no result to finalise")
            return replace(state, finalised=True)
        case RoundVoided():
            return replace(state, voided=True)


def _with_reveal(state: RoundState, event: UpdateRevealed) -> RoundState:
    # That the opening fits its commitment isn't checked: the contract, or the board in memory, did
    # before there was such an event.
    participant, number = event.participant, event.batch
    _require(participant not in state.reveals, f"{participant} has revealed already")
    opened = MappingProxyType({**state.reveals, participant: event.opening})
    if number is None:
        return replace(state, reveals=opened)
    _require(number in state.batches, f"batch {number} was never committed")
    batch = replace(state.batches[number], own=state.batches[number].own + 1)
    return replace(
        state,
        reveals=opened,
        taken_from=MappingProxyType({**state.taken_from, participant: number}),
        batches=MappingProxyType({**state.batches, number: batch}),
    )


def _with_batch(
    state: RoundState, event: BatchCommitted | BatchRevealed | CountedOnce
) -> RoundState:
    if isinstance(event, BatchCommitted):
        _require(event.batch not in state.batches, f"batch {event.batch} is committed already")
        batch = PostedBatch(event.root, event.count, event.document_digest)
        return replace(state, batches=MappingProxyType({**state.batches, event.batch: batch}))
    _require(event.batch in state.batches, f"batch {event.batch} was never committed")
    before = state.batches[event.batch]
    if isinstance(event, CountedOnce):
        batch = replace(before, counted_once=before.counted_once | {event.participant})
    else:
        _require(not before.revealed_document, f"batch {event.batch} is revealed already")
        batch = replace(
            before,
            revealed_count=event.count,
            revealed_document=event.document_digest,
            revealed_root=event.root,
        )
    return replace(state, batches=MappingProxyType({**state.batches, event.batch: batch}))


def _without_batch(state: RoundState, number: int) -> RoundState:
    """Strikes a batch that nothing was revealed from: its seats are free."""
    _require(number in state.standing, f"batch {number} is struck already, or was never there")
    batch = state.batches[number]
    revealed = batch.own > 0 or batch.revealed_document != b""
    _require(not revealed, f"from batch {number} something was revealed already")
    struck = replace(batch, struck=True)
    return replace(state, batches=MappingProxyType({**state.batches, number: struck}))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RoundError(otherwise)
