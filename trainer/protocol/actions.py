"""What a round asks of its coordinator and of a participant, given its state and the time."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from trainer.protocol.batch_schedule import BatchSchedule
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase

__all__ = [
    "Action",
    "BatchStatus",
    "RoundStep",
    "batched_action",
    "coordinator_actions",
    "is_deserted",
    "is_lost",
    "participant_actions",
    "withdrawal_time",
]

_LONGEST_WITHDRAWAL = 15  # seconds


class RoundStep(StrEnum):
    """A kind of action."""

    WAIT = "wait"
    ENROL = "enrol"
    PUBLISH_KEY = "publish_key"
    SHARE_SECRETS = "share_secrets"
    HAND_IN = "hand_in"
    COMMIT = "commit"
    HAND_OVER = "hand_over"
    REVEAL = "reveal"
    REVEAL_ALONE = "reveal_alone"
    FREEZE = "freeze"
    OPEN_SEED = "open_seed"
    POST_SHARES = "post_shares"
    OPEN_RECOVERED = "open_recovered"
    STRAND = "strand"
    PROPOSE = "propose"
    FINALISE = "finalise"
    PUBLISH = "publish"
    PAY = "pay"
    VOID = "void"
    LEAVE = "leave"


@dataclass(frozen=True)
class Action:
    """One action; `until` is the time in seconds by which a wait ends, at the latest."""

    step: RoundStep
    until: int = 0


@dataclass(frozen=True)
class BatchStatus:
    """Where a participant stands with the batches of a round.

    Args:
        handed_in: its signed commitment lies in the mailbox.
        batch: the number of the posted batch that holds its commitment, or None.
        opened: its opening lies in the mailbox.
        confirmed: the coordinator says that it has the opening.
        left_out: its batch was revealed without it.
    """

    handed_in: bool = False
    batch: int | None = None
    opened: bool = False
    confirmed: bool = False
    left_out: bool = False


def is_lost(state: RoundState, now: int) -> bool:
    """Tells whether anyone may void the round now (R-6)."""
    if phase_at(state, now) != Phase.PROPOSAL:
        return False
    # Proposal begins when nothing more can be revealed: what is short then stays short. Only the
    # roster of a hidden round may still be empty, and nothing is lost before its keys are closed.
    empty = state.hiding is not None and not state.hiding.keys
    lost = 0 if empty and now < state.terms.enrolment_deadline else state.lost
    short = state.revealed - lost < state.terms.minimum_participants
    return short or now >= state.terms.proposal_deadline


def withdrawal_time(state: RoundState) -> int:
    """Returns when a coordinator stops waiting for a first participant, in seconds since 1970.

    The contract lets it withdraw a round as long as seats are taken, and afterwards not before the
    reveals' deadline: a fortieth of a phase, at most a quarter of a minute, saves waiting for two
    more phases in which nothing can come.
    """
    terms = state.terms
    phase = terms.commit_deadline - terms.enrolment_deadline
    return terms.enrolment_deadline - min(_LONGEST_WITHDRAWAL, phase // 40)


def is_deserted(state: RoundState, now: int) -> bool:
    """Tells whether nobody took a seat, and the coordinator may still withdraw the round (R-6)."""
    enrols = phase_at(state, now) is Phase.ENROLMENT
    return enrols and not state.seats and now >= withdrawal_time(state)


def coordinator_actions(state: RoundState, now: int) -> list[Action]:
    """Returns what the coordinator has to do now, in order.

    A finalised round is to be published and paid; both steps are idempotent. A voided one leaves
    nothing to do.
    """
    terms = state.terms
    match phase_at(state, now):
        case Phase.ENROLMENT:
            return [Action(RoundStep.WAIT, terms.enrolment_deadline)]
        case Phase.COMMIT:
            return [Action(RoundStep.WAIT, terms.commit_deadline)]
        case Phase.REVEAL:
            return [Action(RoundStep.WAIT, terms.reveal_deadline)]
        case Phase.PROPOSAL:
            return [Action(RoundStep.VOID if is_lost(state, now) else RoundStep.PROPOSE)]
        case Phase.PROPOSED if now < state.challenge_ends_at:
            return [Action(RoundStep.WAIT, state.challenge_ends_at)]
        case Phase.PROPOSED:
            return [Action(RoundStep.FINALISE)]
        case Phase.FINALISED:
            return [Action(RoundStep.PUBLISH), Action(RoundStep.PAY)]
        case _:
            return [Action(RoundStep.LEAVE)]


def participant_actions(state: RoundState, me: str, now: int) -> list[Action]:
    """Returns what the participant `me` (a checksummed address) has to do now.

    Its part ends with its reveal: who finalises doesn't matter to it.
    """
    terms = state.terms
    enrolled, committed = me in state.enrolled, me in state.commitments
    match phase_at(state, now):
        case Phase.ENROLMENT:
            return [
                Action(RoundStep.WAIT, terms.enrolment_deadline)
                if enrolled
                else Action(RoundStep.ENROL)
            ]
        case Phase.COMMIT if enrolled and not committed:
            return [Action(RoundStep.COMMIT)]
        case Phase.COMMIT if committed:
            return [Action(RoundStep.WAIT, terms.commit_deadline)]
        case Phase.REVEAL if committed and me not in state.reveals:
            return [Action(RoundStep.REVEAL)]
        case _:
            return [Action(RoundStep.LEAVE)]


def batched_action(state: RoundState, me: str, now: int, standing: BatchStatus) -> Action:
    """Returns what a participant that hands in to the coordinator has to do now.

    It waits for a batch as long as it could still act alone, and then does: it enrols and commits
    if no batch holds its commitment, and reveals by proof if its batch isn't revealed.
    """
    terms = state.terms
    schedule = BatchSchedule.of(terms)
    in_batch, enrolled = standing.batch is not None, me in state.enrolled
    match phase_at(state, now):
        case Phase.ENROLMENT if in_batch or enrolled:
            return Action(RoundStep.WAIT, schedule.next(now, terms.enrolment_deadline))
        case Phase.ENROLMENT if now >= schedule.enrol:
            return Action(RoundStep.ENROL)
        case Phase.ENROLMENT if standing.handed_in:
            return Action(RoundStep.WAIT, schedule.next(now, terms.enrolment_deadline))
        case Phase.ENROLMENT:
            return Action(RoundStep.HAND_IN)
        case Phase.COMMIT if enrolled and me not in state.commitments:
            return Action(RoundStep.COMMIT)  # a batch that holds it too reveals nothing of its seat
        case Phase.COMMIT if in_batch or enrolled:
            return Action(RoundStep.WAIT, terms.commit_deadline)
        case Phase.COMMIT if state.seats < terms.maximum_participants:
            step = RoundStep.WAIT if standing.handed_in else RoundStep.HAND_IN
            return Action(step, schedule.next(now, terms.commit_deadline))
        case Phase.REVEAL if me in state.commitments and me not in state.reveals:
            return Action(RoundStep.REVEAL)
        case Phase.REVEAL if in_batch and not enrolled and me not in state.reveals:
            return _opening_action(state, now, standing, schedule)
        case _:
            return Action(RoundStep.LEAVE)


def _opening_action(
    state: RoundState, now: int, standing: BatchStatus, schedule: BatchSchedule
) -> Action:
    number = standing.batch
    if number is None or not state.room_for_own(number):
        return Action(RoundStep.LEAVE)
    if standing.left_out:
        return Action(RoundStep.REVEAL_ALONE)
    if state.batches[number].revealed_document:
        return Action(RoundStep.LEAVE)
    # Who has a receipt waits until the coordinator should have posted; without one, it may never.
    if now >= (schedule.reveal_at_last if standing.confirmed else schedule.reveal):
        return Action(RoundStep.REVEAL_ALONE)
    if not standing.opened:
        return Action(RoundStep.HAND_OVER)
    return Action(RoundStep.WAIT, schedule.next(now, state.terms.reveal_deadline))
