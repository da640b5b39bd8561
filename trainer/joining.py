"""Takes part in the rounds of a model as they open: the participant's outer loop."""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import TrainingError
from trainer.participant import Participant
from trainer.ports import Clock, RoundBoard
from trainer.rounds import RoundState, phase_at
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

    Raises:
        TrainingError: no round opened in time.
    """
    done: set[bytes] = set()
    idle_since = clock.now()
    while len(done) < rounds:
        open_round = _joinable(board, clock, model_id, participant.address, done)
        if open_round is None:
            if clock.now() - idle_since > idle_seconds:
                raise TrainingError(
                    f"no round opened within {idle_seconds} s; is the coordinator running?"
                )
            clock.wait_until(clock.now() + 1)
            continue
        participant.run(open_round)
        done.add(open_round)
        told(board.state(open_round))
        idle_since = clock.now()
    return len(done)


def _joinable(
    board: RoundBoard, clock: Clock, model_id: bytes, address: str, done: set[bytes]
) -> bytes | None:
    """Returns a round that this participant may enter, or is in and hasn't finished."""
    now = clock.now()
    for round_id in board.rounds_of(model_id):
        if round_id in done:
            continue
        state = board.state(round_id)
        phase = phase_at(state, now)
        inside = address in state.enrolled and address not in state.reveals
        if phase is Phase.ENROLMENT or (inside and phase in (Phase.COMMIT, Phase.REVEAL)):
            return round_id
    return None
