"""The phase of a round (R-2): one rule, for the index, the state machine and the audit."""

from __future__ import annotations

from dataclasses import dataclass

from registry.types import Phase

__all__ = ["RoundFacts", "phase_of"]


@dataclass(frozen=True)
class RoundFacts:
    """What of a round decides its phase.

    Args:
        enrolment_deadline: with the other deadlines, seconds since 1970.
        seats: the most participants.
        enrolled: how many seats are taken.
        committed: how many committed by themselves.
        revealed: how many of these revealed by themselves.
        batches: how many batches stand, that is, aren't slashed.
        proposed: a result was recorded.
    """

    enrolment_deadline: int
    commit_deadline: int
    reveal_deadline: int
    seats: int
    enrolled: int
    committed: int
    revealed: int
    batches: int
    proposed: bool = False
    finalised: bool = False
    voided: bool = False


def phase_of(facts: RoundFacts, now: int) -> Phase:
    """Returns the phase at a block time in seconds: by deadline, or sooner if all is done.

    A full round doesn't wait for its enrolment deadline, nor one in which everybody committed or
    revealed for the next. Only direct seats end a phase early: what is said of a batch could be
    made up.
    """
    if facts.voided:
        return Phase.VOIDED
    if facts.finalised:
        return Phase.FINALISED
    if facts.proposed:
        return Phase.PROPOSED
    full = facts.enrolled == facts.seats
    if now < facts.enrolment_deadline and not full:
        return Phase.ENROLMENT
    if now < facts.commit_deadline and not (full and facts.committed == facts.enrolled):
        return Phase.COMMIT
    all_revealed = (full or not facts.batches) and 0 < facts.committed == facts.revealed
    if now < facts.reveal_deadline and not all_revealed:
        return Phase.REVEAL
    return Phase.PROPOSAL
