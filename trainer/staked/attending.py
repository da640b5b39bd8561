"""What a participant does for its stake: enlists before it trains, answers until strikes end."""

from __future__ import annotations

from typing import final

from registry.errors import ConfigError
from trainer.ports import Clock
from trainer.staked.following import Follower
from trainer.staked.ports import StakedBoard

__all__ = ["Attendance"]


@final
class Attendance:
    """A participant's side of staked rounds.

    Args:
        stakes: seen by the participant's account.
        follower: of the same account; it answers from the participant's journals.
        clock: the rounds' time.
        most: the most that may be locked for one round, in the stake token's smallest unit.
    """

    def __init__(self, stakes: StakedBoard, follower: Follower, clock: Clock, most: int) -> None:
        self._stakes, self._follower, self._clock, self._most = stakes, follower, clock, most

    def is_staked(self, model_id: bytes, round_id: bytes) -> bool:
        """Tells whether a round is under stake."""
        return round_id in self._stakes.rounds_of(model_id)

    def enter(self, round_id: bytes) -> None:
        """Locks the stake that a round asks for, unless it is locked.

        Raises:
            ConfigError: it asks for more than may be locked.
            Reverted: there is not enough free stake, or enlisting is over.
        """
        state = self._stakes.state(round_id)
        asked = state.stakes.participant_stake
        if asked > self._most:
            raise ConfigError(
                f"round {state.round.number} asks for a stake of {asked} of {state.stakes.token}, "
                f"and at most {self._most} may be locked: allow it with --stake {asked}"
            )
        self._stakes.enlist(round_id)

    def stay(self, round_id: bytes) -> None:
        """Answers questions about this account's update, and asks about others', until strikes
        end: silence would cost the stake (F-10)."""
        while True:
            acted = self._follower.step(round_id)
            state, now = self._stakes.state(round_id), self._clock.now()
            if state.over or now >= state.strikes_end:
                return
            if not acted:
                self._clock.wait_until(min(now + 1, state.strikes_end))

    def collect(self, model_id: bytes) -> None:
        """Takes the stakes of ended rounds back."""
        for round_id in self._stakes.rounds_of(model_id):
            if self._stakes.state(round_id).over:
                self._follower.step(round_id)
