"""Why a round came to nothing that too few took part in, and when that is enough of them."""

from __future__ import annotations

from typing import final

from registry.dates import date_text
from registry.errors import NoParticipants
from trainer.protocol.round_state import RoundState

__all__ = ["EmptyRounds", "shortage"]


def shortage(state: RoundState) -> str:
    """Returns what a voided round was short of, and by when; "" where that isn't why."""
    terms = state.terms
    least = terms.minimum_participants
    there = state.revealed - state.lost
    if not state.voided or there >= least:
        return ""
    if state.revealed >= least:
        return (
            f"{there} of at least {least} hidden updates are in a sum that could be opened: too "
            "few of their neighbours told what they hold of the others"
        )
    if state.seats >= least:
        by = date_text(terms.reveal_deadline)
        return f"{state.revealed} of at least {least} updates were revealed by {by}"
    by = date_text(terms.enrolment_deadline)
    if not state.seats:
        return f"nobody took a seat by {by}"
    return f"{state.seats} of at least {least} seats were taken by {by}"


@final
class EmptyRounds:
    """Counts rounds in a row that found too few participants.

    Args:
        most: so many are enough, at least 1; None: no number is.
    """

    def __init__(self, most: int | None) -> None:
        self._most, self._in_a_row = most, 0

    def add(self, state: RoundState) -> None:
        """Notes how a round ended.

        Raises:
            NoParticipants: it was one too many that found too few.
        """
        if not state.voided or state.seats >= state.terms.minimum_participants:
            self._in_a_row = 0
            return
        self._in_a_row += 1
        if self._most is not None and self._in_a_row >= self._most:
            often = f" in {self._in_a_row} rounds in a row" if self._in_a_row > 1 else ""
            raise NoParticipants(
                f"too few took part{often}; round {state.number}: {shortage(state)}; have them run "
                "tally train check and tally train join, or wait longer: --phase-seconds, "
                "--most-empty"
            )
