"""What a round asks of its coordinator and of a participant, given its state and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trainer.rounds import RoundState, phase_at
from trainer.types import Phase

__all__ = ["Action", "Step", "coordinator_actions", "is_lost", "participant_actions"]


class Step(StrEnum):
    """A kind of action."""

    WAIT = "wait"
    ENROL = "enrol"
    COMMIT = "commit"
    REVEAL = "reveal"
    PROPOSE = "propose"
    FINALISE = "finalise"
    PUBLISH = "publish"
    PAY = "pay"
    VOID = "void"
    LEAVE = "leave"


@dataclass(frozen=True)
class Action:
    """One action; `until` is the time in seconds by which a wait ends, at the latest."""

    step: Step
    until: int = 0


def is_lost(state: RoundState, now: int) -> bool:
    """Tells whether anyone may void the round now (R-6)."""
    if phase_at(state, now) != Phase.PROPOSAL:
        return False
    terms = state.terms
    short = state.revealed < terms.minimum_participants
    over = now >= terms.reveal_deadline or state.revealed == state.committed
    return now >= terms.proposal_deadline or (short and over)


def coordinator_actions(state: RoundState, now: int) -> list[Action]:
    """Returns what the coordinator has to do now, in order.

    A finalised round is to be published and paid; both steps are idempotent. A voided one leaves
    nothing to do.
    """
    terms = state.terms
    match phase_at(state, now):
        case Phase.ENROLMENT:
            return [Action(Step.WAIT, terms.enrolment_deadline)]
        case Phase.COMMIT:
            return [Action(Step.WAIT, terms.commit_deadline)]
        case Phase.REVEAL:
            return [Action(Step.WAIT, terms.reveal_deadline)]
        case Phase.PROPOSAL:
            return [Action(Step.VOID if is_lost(state, now) else Step.PROPOSE)]
        case Phase.PROPOSED if now < state.challenge_ends_at:
            return [Action(Step.WAIT, state.challenge_ends_at)]
        case Phase.PROPOSED:
            return [Action(Step.FINALISE)]
        case Phase.FINALISED:
            return [Action(Step.PUBLISH), Action(Step.PAY)]
        case _:
            return [Action(Step.LEAVE)]


def participant_actions(state: RoundState, me: str, now: int) -> list[Action]:
    """Returns what the participant `me` (a checksummed address) has to do now.

    Its part ends with its reveal: who finalises doesn't matter to it.
    """
    terms = state.terms
    enrolled, committed = me in state.enrolled, me in state.commitments
    match phase_at(state, now):
        case Phase.ENROLMENT:
            return [Action(Step.WAIT, terms.enrolment_deadline) if enrolled else Action(Step.ENROL)]
        case Phase.COMMIT if enrolled and not committed:
            return [Action(Step.COMMIT)]
        case Phase.COMMIT if committed:
            return [Action(Step.WAIT, terms.commit_deadline)]
        case Phase.REVEAL if committed and me not in state.reveals:
            return [Action(Step.REVEAL)]
        case _:
            return [Action(Step.LEAVE)]
