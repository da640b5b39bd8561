"""A round as a pure state machine: events in, state out (R-2 to R-7).

The same fold serves the chain, where events are logs, and the in-memory board, where they are
made on the spot. Nothing here does I/O or looks at a clock: the time is an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from registry.errors import RoundError
from trainer.round_events import (
    BatchCommitted,
    BatchRevealed,
    ParticipantEnrolled,
    ResultProposed,
    RoundEvent,
    RoundFinalised,
    RoundOpened,
    RoundVoided,
    UpdateCommitted,
    UpdateRevealed,
)
from trainer.types import Opening, Phase, ProposedResult, RoundTerms

__all__ = [
    "Batch",
    "RoundState",
    "apply",
    "phase_at",
    "replay",
]


@dataclass(frozen=True)
class Batch:
    """A batch of commitments under one root, and how many of them are revealed under another."""

    root: bytes
    count: int
    document_digest: bytes
    revealed_count: int = 0
    revealed_document: bytes = b""


def _none_yet() -> Mapping[str, bytes]:
    return MappingProxyType({})


def _no_batches() -> Mapping[int, Batch]:
    return MappingProxyType({})


def _no_reveals() -> Mapping[str, Opening]:
    return MappingProxyType({})


@dataclass(frozen=True)
class RoundState:
    """Everything that a round's events say. Mappings are by participant, in order of arrival."""

    round_id: bytes
    coordinator: str
    number: int
    terms: RoundTerms
    enrolled: tuple[str, ...] = ()
    commitments: Mapping[str, bytes] = field(default_factory=_none_yet)
    batches: Mapping[int, Batch] = field(default_factory=_no_batches)
    reveals: Mapping[str, Opening] = field(default_factory=_no_reveals)
    result: ProposedResult | None = None
    challenge_ends_at: int = 0
    finalised: bool = False
    voided: bool = False

    @property
    def seats(self) -> int:
        """Seats taken, in person and in batches."""
        return len(self.enrolled) + sum(batch.count for batch in self.batches.values())

    @property
    def committed(self) -> int:
        """Commitments, direct and in batches."""
        return len(self.commitments) + sum(batch.count for batch in self.batches.values())

    @property
    def revealed(self) -> int:
        """Revealed updates, direct and in batches."""
        return len(self.reveals) + sum(batch.revealed_count for batch in self.batches.values())

    @property
    def batch_seats_left(self) -> int:
        """Seats of batches that nobody has revealed from, in a batch of reveals or by proof."""
        taken = sum(batch.count - batch.revealed_count for batch in self.batches.values())
        return taken - sum(participant not in self.commitments for participant in self.reveals)


def phase_at(state: RoundState, now: int) -> Phase:
    """Returns the phase at a time in seconds (R-2): by deadline, or sooner if all is done."""
    if state.voided:
        return Phase.VOIDED
    if state.finalised:
        return Phase.FINALISED
    if state.result is not None:
        return Phase.PROPOSED
    terms = state.terms
    full = state.seats == terms.maximum_participants
    if now < terms.enrolment_deadline and not full:
        return Phase.ENROLMENT
    if now < terms.commit_deadline and not (full and state.committed == state.seats):
        return Phase.COMMIT
    all_revealed = state.committed > 0 and state.revealed == state.committed
    if now < terms.reveal_deadline and not all_revealed:
        return Phase.REVEAL
    return Phase.PROPOSAL


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
        case UpdateRevealed(participant, opening):
            _require(participant not in state.reveals, f"{participant} has revealed already")
            opened = {**state.reveals, participant: opening}
            return replace(state, reveals=MappingProxyType(opened))
        case BatchCommitted() | BatchRevealed():
            return _with_batch(state, event)
        case ResultProposed(result, challenge_ends_at):
            _require(state.result is None, "a result is proposed already")
            return replace(state, result=result, challenge_ends_at=challenge_ends_at)
        case RoundFinalised():
            _require(state.result is not None, "there is no result to finalise")
            return replace(state, finalised=True)
        case RoundVoided():
            return replace(state, voided=True)


def _with_batch(state: RoundState, event: BatchCommitted | BatchRevealed) -> RoundState:
    if isinstance(event, BatchCommitted):
        _require(event.batch not in state.batches, f"batch {event.batch} is committed already")
        batch = Batch(event.root, event.count, event.document_digest)
    else:
        _require(event.batch in state.batches, f"batch {event.batch} was never committed")
        before = state.batches[event.batch]
        _require(not before.revealed_document, f"batch {event.batch} is revealed already")
        batch = replace(before, revealed_count=event.count, revealed_document=event.document_digest)
    return replace(state, batches=MappingProxyType({**state.batches, event.batch: batch}))


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RoundError(otherwise)
