"""What failed at a participant, in one line for its owner."""

from __future__ import annotations

from registry.dates import date_text
from registry.errors import TallystickError
from trainer.protocol.round_state import RoundState
from trainer.training.foreign_errors import foreign_error

__all__ = ["missed_text", "told_failure"]


def missed_text(state: RoundState, address: str) -> str:
    """Returns which deadline a participant with a seat missed, and what helps against it.

    Args:
        state: the round, in which its update isn't revealed.
        address: the participant's.
    """
    terms = state.terms
    committed = address in state.commitments
    until = date_text(terms.reveal_deadline if committed else terms.commit_deadline)
    what = "revealed" if committed else "committed to"
    return (
        f"missed: updates were {what} until {until} or until all others were, and this "
        "participant's wasn't there; train for less time, or ask for longer phases (the "
        "coordinator's --phase-seconds)"
    )


def told_failure(error: Exception) -> str:
    """Returns what happened, and where, unless it is one of our own errors, which say it all."""
    if isinstance(error, TallystickError):
        return f"{type(error).__name__}: {error}"
    return foreign_error(error)
