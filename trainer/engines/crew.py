"""The participants that one process runs in a round, and who of them is still in it.

A participant whose training fails, isn't finite or loses its worker is told and left out of the
round: the others may be enough. In the next round it is tried again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import final

from registry.errors import ChainError, ConfigError, Reverted, StoreUnavailable
from trainer.participant.failures import told_failure
from trainer.participant.participant import Participant

__all__ = ["Crew", "Told", "log_failure"]

Told = Callable[[str, str], None]
"""Called with the address of a participant that is left out, and why."""
_log = logging.getLogger(__name__)


def log_failure(address: str, why: str) -> None:
    """Logs a warning."""
    _log.warning("%s is left out of the round: %s", address, why)


@final
class Crew:
    """Takes the steps of several participants in one round.

    Args:
        participants: each acts on its own board.
        round_id: an open round.
        told: called for each that is left out.
    """

    def __init__(self, participants: Sequence[Participant], round_id: bytes, told: Told) -> None:
        self._present, self._round_id, self._told = list(participants), round_id, told
        self._absent: set[str] = set()

    def begin(self) -> None:
        """Lets everybody begin what takes long.

        Raises:
            TallystickError: as `step`.
        """
        for participant in list(self._present):
            self._guarded(participant, lambda one: one.begin(self._round_id))

    def step(self) -> bool:
        """Lets everybody take a step; tells whether one did something.

        Raises:
            ChainError: the node doesn't answer, which the coordinator would meet as well.
            StoreUnavailable: so for the storage.
            Exception: what failed at the last one, where nobody else is in the round.
        """
        acted: list[Participant] = []

        def one_step(one: Participant) -> None:
            if one.step(self._round_id).acted:
                acted.append(one)

        for participant in list(self._present):
            self._guarded(participant, one_step)
        return bool(acted)

    def _guarded(self, participant: Participant, act: Callable[[Participant], None]) -> None:
        try:
            act(participant)
        except StoreUnavailable:
            raise
        except Exception as error:  # what a class of the user's raises is of any kind
            if isinstance(error, ChainError) and not isinstance(error, Reverted):
                raise
            self._present.remove(participant)
            self._absent.add(participant.address)
            if not self._present and self._alone(participant, error):
                raise
            self._told(participant.address, told_failure(error))

    def _alone(self, participant: Participant, error: Exception) -> bool:
        """Tells whether nobody but those left out has a seat, or can get one by a batch."""
        state = participant.state(self._round_id)
        seated = set(state.enrolled)
        if not seated and not state.batches and isinstance(error, ConfigError):
            return True  # refused before a seat was taken: the next round would end alike
        return bool(seated) and not state.batches and seated <= self._absent
