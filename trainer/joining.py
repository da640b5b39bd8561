"""Takes part in the rounds of a model as they open: the participant's outer loop."""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import TrainingError
from trainer.participant import Participant
from trainer.ports import Clock, RoundBoard
from trainer.rounds import RoundState, phase_at
from trainer.staked.attending import Attendance
from trainer.types import Phase

__all__ = ["join_rounds"]


def join_rounds(
    participant: Participant,
    board: RoundBoard,
    clock: Clock,
    model_id: bytes,
    rounds: int,
    idle_seconds: int = 600,
    told: Callable[[RoundState], None] = lambda state: None,
    attendance: Attendance | None = None,
) -> int:
    """Takes part in rounds until so many are done; returns how many.

    Args:
        participant: acts on the board.
        board: where rounds stand.
        clock: the rounds' time.
        model_id: what is trained.
        rounds: how many to take part in.
        idle_seconds: give up when no round opens for so long.
        told: called after each round.
        attendance: what is done for the stake of rounds under stake; None: there are none.

    Raises:
        TrainingError: no round opened in time.
        ConfigError: a round asks for more stake than may be locked.
    """
    done: set[bytes] = set()  # with those that have other participants
    count = 0
    idle_since = clock.now()
    while count < rounds:
        open_round = _joinable(participant, board, clock, model_id, done)
        if open_round is None:
            if clock.now() - idle_since > idle_seconds:
                raise TrainingError(
                    f"no round opened within {idle_seconds} s; is the coordinator running?"
                )
            clock.wait_until(clock.now() + 1)
            continue
        _take_part(participant, attendance, model_id, open_round)
        done.add(open_round)
        count += 1
        told(board.state(open_round))
        idle_since = clock.now()
    return count


def _take_part(
    participant: Participant, attendance: Attendance | None, model_id: bytes, round_id: bytes
) -> None:
    if attendance is None or not attendance.is_staked(model_id, round_id):
        participant.run(round_id)
        return
    attendance.collect(model_id)
    attendance.enter(round_id)
    participant.run(round_id)
    attendance.stay(round_id)


def _joinable(
    participant: Participant, board: RoundBoard, clock: Clock, model_id: bytes, done: set[bytes]
) -> bytes | None:
    """Returns a round that this participant may enter, or is in and hasn't finished."""
    now, address = clock.now(), participant.address
    for round_id in board.rounds_of(model_id):
        if round_id in done:
            continue
        state = board.state(round_id)
        if state.terms.strategy == "gossip":
            # Its peers mix after they have trained: `trainer.gossip`.
            done.add(round_id)
            continue
        phase = phase_at(state, now)
        inside = participant.takes_part(state)
        if inside and phase in (Phase.ENROLMENT, Phase.COMMIT, Phase.REVEAL):
            return round_id
        if phase is Phase.ENROLMENT and address not in state.enrolled:
            if participant.is_invited(state):
                return round_id
            done.add(round_id)
    return None
