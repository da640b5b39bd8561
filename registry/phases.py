"""The phase of a round (R-2): one rule, and each phase in words."""

from __future__ import annotations

from collections.abc import Sized
from typing import Protocol

from registry.types import Phase

__all__ = [
    "Deadlines",
    "RoundFacts",
    "phase_of",
    "phase_text",
    "wrong_phase_text",
]


_STEPS = {
    Phase.ENROLMENT: "take a seat",
    Phase.COMMIT: "commit to an update",
    Phase.REVEAL: "reveal an update",
    Phase.PROPOSAL: "propose a result",
    Phase.PROPOSED: "make a result final",
}
_NOW = {
    Phase.NONE: "there is no such round",
    Phase.ENROLMENT: "seats are taken",
    Phase.COMMIT: "updates are committed to",
    Phase.REVEAL: "updates are revealed",
    Phase.PROPOSAL: "a result is awaited",
    Phase.PROPOSED: "a result stands, and may be challenged",
    Phase.FINALISED: "the round is final",
    Phase.VOIDED: "the round is void",
}


class Deadlines(Protocol):
    """What of a round's terms decides its phase; times in seconds since 1970."""

    @property
    def enrolment_deadline(self) -> int:
        """Until when seats are taken."""

    @property
    def commit_deadline(self) -> int:
        """Until when updates are committed to."""

    @property
    def reveal_deadline(self) -> int:
        """Until when commitments are opened."""

    @property
    def maximum_participants(self) -> int:
        """How many seats there are."""


class RoundFacts(Protocol):
    """What of a round decides its phase; the index's records and the trainer's states have it."""

    @property
    def terms(self) -> Deadlines:
        """The round's terms."""

    @property
    def enrolled(self) -> Sized:
        """Who took a seat."""

    @property
    def commitments(self) -> Sized:
        """Who committed by itself."""

    @property
    def direct_reveals(self) -> int:
        """How many of these revealed by themselves."""

    @property
    def standing(self) -> Sized:
        """The batches that aren't struck."""

    @property
    def result(self) -> object | None:
        """What was proposed; None before that."""

    @property
    def finalised(self) -> bool:
        """Whether the result is final."""

    @property
    def voided(self) -> bool:
        """Whether the round came to nothing."""


def phase_of(state: RoundFacts, now: int) -> Phase:
    """Returns the phase at a block time in seconds: by deadline, or sooner if all is done.

    A full round doesn't wait for its enrolment deadline, nor one in which everybody committed or
    revealed for the next. Only direct seats end a phase early: what is said of a batch could be
    made up.
    """
    if state.voided:
        return Phase.VOIDED
    if state.finalised:
        return Phase.FINALISED
    if state.result is not None:
        return Phase.PROPOSED
    terms, enrolled, committed = state.terms, len(state.enrolled), len(state.commitments)
    full = enrolled == terms.maximum_participants
    if now < terms.enrolment_deadline and not full:
        return Phase.ENROLMENT
    if now < terms.commit_deadline and not (full and committed == enrolled):
        return Phase.COMMIT
    all_revealed = (full or not len(state.standing)) and 0 < committed == state.direct_reveals
    if now < terms.reveal_deadline and not all_revealed:
        return Phase.REVEAL
    return Phase.PROPOSAL


def phase_text(phase: Phase) -> str:
    """Returns what happens in a phase."""
    return _NOW[phase]


def wrong_phase_text(expected: int, actual: int) -> str:
    """Returns a contract's refusal of a step that belongs to another phase, as a sentence.

    Example:
        >>> wrong_phase_text(Phase.COMMIT, Phase.VOIDED)
        'too late to commit to an update: the round is void'
    """
    step = _STEPS.get(Phase(expected), "do that")
    early = actual < expected
    return f"too {'early' if early else 'late'} to {step}: {_NOW[Phase(actual)]}"
