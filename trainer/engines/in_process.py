"""Everything in one process, one step at a time: for trials, tests and small federations."""

from __future__ import annotations

from collections.abc import Sequence

from trainer.coordinator.coordinator import Coordinator, RoundResult
from trainer.engines.crew import Crew, Told, log_failure
from trainer.participant.participant import Participant
from trainer.ports import Clock
from trainer.protocol.actions import RoundStep

__all__ = ["run_in_process"]


def run_in_process(
    coordinator: Coordinator,
    participants: Sequence[Participant],
    clock: Clock,
    round_id: bytes,
    told: Told = log_failure,
) -> RoundResult:
    """Runs a round to its end and returns the result.

    Each turn lets every participant and then the coordinator take a step. When nobody can, the
    clock is waited on, so with a `ManualClock` deadlines pass as soon as there is nothing to do.

    Args:
        coordinator: the round's.
        participants: those that take part; one that isn't here misses its deadlines.
        clock: the one that the board goes by.
        round_id: an open round.
        told: called for each participant that fails and is left out of this round.

    Raises:
        TallystickError: as the coordinator's steps do, or storage or node don't answer.
        Exception: what failed at a participant, where nobody else is in the round.
    """
    crew = Crew(participants, round_id, told)
    while True:
        acted = crew.step()
        progress = coordinator.step(round_id)
        if progress.next.step is RoundStep.LEAVE:
            return coordinator.result(round_id)
        if not progress.acted and not acted:
            clock.wait_until(progress.next.until)
