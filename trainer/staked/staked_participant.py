"""What a participant does for its stake: takes a seat, vouches, answers until the round is over."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import final

from trainer.pacing.patience import Patience
from trainer.ports import Clock
from trainer.protocol.round_state import RoundState, phase_at
from trainer.staked.acceptance import Acceptance
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.outcome import Outcomes
from trainer.staked.ports import StakedBoard
from trainer.types import Phase

__all__ = ["StakedParticipant"]


@final
class StakedParticipant:
    """A participant's side of staked rounds.

    Args:
        stakes: seen by the participant's account.
        follower: of the same account; it answers from the participant's journals.
        outcomes: fetches the base that a round's terms name.
        clock: the rounds' time.
        acceptance: the terms that the participant can live with.
        unmask: takes the next step of a hidden round whose reveals are over, and tells whether
            there was one.
    """

    def __init__(
        self,
        stakes: StakedBoard,
        follower: StakedRoundAgent,
        outcomes: Outcomes,
        clock: Clock,
        acceptance: Acceptance,
        unmask: Callable[[bytes], bool] = lambda round_id: False,
    ) -> None:
        self._stakes, self._follower, self._outcomes = stakes, follower, outcomes
        self._clock, self._acceptance, self._unmask = clock, acceptance, unmask

    def is_staked(self, model_id: bytes, round_id: bytes) -> bool:
        """Tells whether a round is under stake."""
        return round_id in self._stakes.rounds_of(model_id)

    def is_unfinished(self, plain: RoundState, now: int) -> bool:
        """Tells whether this account's stake is still at risk in a round whose reveals are over.

        Whoever was stopped in between goes on with that: silence would cost the stake (F-10).
        """
        due = now < plain.terms.proposal_deadline
        if phase_at(plain, now) is not Phase.PROPOSAL or not due:
            return False
        if not self.is_staked(plain.terms.model_id, plain.round_id):
            return False
        state = self._stakes.state(plain.round_id)
        return self._stakes.account in state.seated and not state.over

    def enter(self, round_id: bytes, proof: Sequence[bytes] = ()) -> None:
        """Locks the stake that a round asks for and takes a seat, unless it has one.

        Args:
            round_id: 32 bytes.
            proof: that the account is on the round's allow-list; empty without one.

        Raises:
            ConfigError: terms that this participant doesn't accept; the message says which.
            RoundError: the terms name another base than there is (F-13).
            Reverted: there is not enough free stake, or enrolment is over.
        """
        state = self._stakes.state(round_id)
        if self._stakes.account in state.seated:
            return
        self._acceptance.require(state)
        self._outcomes.require_base(state)
        self._stakes.lock_stake(round_id, proof)

    def stay(self, round_id: bytes) -> None:
        """Vouches for what this account holds, answers for it and asks about what it lacks, until
        the round is over: silence would cost the stake (F-10, F-16)."""
        patience = Patience(self._clock)
        while True:
            with self._stakes.look():
                acted = self._follower.step(round_id)
                acted = self._unmask(round_id) or acted
                state, now = self._stakes.state(round_id), self._clock.now()
            if state.over:
                self._follower.end(round_id)
                return
            if now >= state.round.terms.proposal_deadline:
                return
            if acted:
                patience.renew()
            else:
                patience.rest(state.round.terms.proposal_deadline)

    def collect(self, model_id: bytes) -> None:
        """Takes the stakes of ended rounds back."""
        with self._stakes.look():
            for round_id in self._stakes.rounds_of(model_id):
                if self._stakes.state(round_id).over:
                    self._follower.step(round_id)
