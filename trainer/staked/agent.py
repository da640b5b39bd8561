"""Follows a model's staked rounds for one account: watches, and, if it may, proposes and settles.

Everything starts from the chain each time, so a follower that was stopped anywhere goes on where
the rounds stand; two of them for one account do each other no harm, each with a folder of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import final

from registry.errors import ConfigError, Reverted, StorageError, TrainingError
from trainer.pacing.patience import Patience
from trainer.ports import Clock, RoundBoard
from trainer.privacy.hidden_actions import summing_action
from trainer.privacy.opening import take_summing_step
from trainer.protocol.actions import RoundStep, is_lost
from trainer.protocol.round_state import RoundState, phase_at
from trainer.staked.holder import Holder, is_lost_race
from trainer.staked.ports import StakedBoard
from trainer.staked.proposer import Proposer
from trainer.staked.state import StakedState
from trainer.staked.watcher import Note, Watcher
from trainer.types import Phase

__all__ = ["StakedRoundAgent"]


@final
class StakedRoundAgent:
    """What an account does in staked rounds besides taking part with data.

    Args:
        board: rounds and versions, seen by the account.
        stakes: the same rounds' stakes.
        clock: the rounds' time.
        watcher: recomputes proposals, proves and asks.
        holder: vouches for what the account holds.
        proposer: proposes when none stands and settles what is undisputed; None: only watches.
        panels: whose judgement of this account's proposals is accepted; None: anybody's.
        told: called with each note.
        on_state: called with a round as it is found at each step.
    """

    def __init__(
        self,
        board: RoundBoard,
        stakes: StakedBoard,
        clock: Clock,
        watcher: Watcher,
        holder: Holder,
        proposer: Proposer | None = None,
        panels: Collection[bytes] | None = None,
        told: Callable[[Note], None] = lambda note: None,
        on_state: Callable[[RoundState], None] = lambda state: None,
    ) -> None:
        self._board, self._stakes, self._clock = board, stakes, clock
        self._watcher, self._holder = watcher, holder
        self._proposer, self._panels, self._told = proposer, panels, told
        self._on_state = on_state
        self._noted: set[Note] = set()

    def follow(self, model_id: bytes, rounds: int, idle: Callable[[], bool]) -> int:
        """Follows a model's rounds until so many are done with, or `idle` says to stop.

        Args:
            model_id: 32 bytes.
            rounds: how many are enough; those that had ended before count.
            idle: called when nothing is to be done; True stops.

        Returns:
            How many of the model's staked rounds ask for nothing any more.
        """
        done: set[bytes] = set()
        patience, seen = Patience(self._clock), self._stakes.rollbacks
        while True:
            with self._stakes.look():
                if self._stakes.rollbacks != seen:
                    done, seen = set(), self._stakes.rollbacks
                left = [r for r in self._stakes.rounds_of(model_id) if r not in done]
                acted = [self.step(round_id) for round_id in left]
                done |= {round_id for round_id in left if self.is_done(round_id)}
                self._let_go([round_id for round_id in left if round_id in done])
            if any(acted):
                patience.renew()
                continue
            if len(done) >= rounds or idle():
                return len(done)
            patience.rest()

    def see_through(self, round_id: bytes) -> None:
        """Follows one round until it asks for nothing any more."""
        patience = Patience(self._clock)
        while True:
            with self._stakes.look():
                acted = self.step(round_id)
                if self.is_done(round_id):
                    self._let_go([round_id])
                    return
            if acted:
                patience.renew()
            else:
                patience.rest()

    def _let_go(self, rounds: Collection[bytes]) -> None:
        for round_id in rounds:
            self._watcher.release(self._stakes.state(round_id))

    def end(self, round_id: bytes) -> None:
        """Takes this account's stake of a round that is over back, and lets its files go."""
        self.step(round_id)
        if self.is_done(round_id):
            self._let_go([round_id])

    def step(self, round_id: bytes) -> bool:
        """Does what a round asks of this account now; returns whether that changed the chain."""
        acted = bool(self._watcher.step(round_id))
        state, now = self._stakes.state(round_id), self._clock.now()
        self._on_state(state.round)
        self._tell_of_lapse(state)
        if self._holder.step(state, now) or self._opens(state, now):
            return True
        for due, act in (
            (state.refuted and state.disputed is not None, self._stakes.carry_out_refutation),
            (self._has_lapsed(state, now), self._stakes.lapse),
            (bool(state.answerable) and not state.over, self._stakes.burn_signers),
            (self._may_propose(state, now), self._propose),
            (self._may_settle(state, now), self._settle),
            (self._may_publish(state), self._publish),
            (self._may_void(state, now), self._stakes.void_and_refund),
            (self._has_stake_back(state), self._release),
        ):
            if due:
                return self._tried(state, act) or acted
        return acted

    def _opens(self, state: StakedState, now: int) -> bool:
        """Sees to the secrets of a hidden round, if this account proposes; tells whether it did."""
        hidden, proposes = state.hidden, self._proposer is not None and state.proposals == 0
        due = phase_at(state.round, now) is Phase.PROPOSAL and now >= state.slash_end
        if hidden is None or state.over or not proposes or not due:
            return False
        action = summing_action(state.round, hidden, now)
        if action is None or action.step is RoundStep.WAIT:
            return False

        def open_secrets(round_id: bytes) -> None:
            take_summing_step(self._board.hidden, hidden, action.step, now)

        return self._tried(state, open_secrets)

    def is_done(self, round_id: bytes) -> bool:
        """Tells whether a round has ended and asks nothing of this account any more."""
        state = self._stakes.state(round_id)
        me = self._board.account
        waits = any(state.bond_due_to(question) == me for question in state.questions)
        return (
            state.over
            and not waits
            and not self._may_publish(state)
            and not self._has_stake_back(state)
            and not self._may_void(state, self._clock.now())
        )

    # what is due

    def _may_propose(self, state: StakedState, now: int) -> bool:
        # Later than this, disputes about a proposal would outlast the time for proposals (F-7).
        needed = state.stakes.proposal_time(state.appeal_window)
        latest = state.round.terms.proposal_deadline - needed
        waits = self._proposer is not None and not state.over and state.standing is None
        panel = state.stakes.panel
        if waits and any(panel) and self._panels is not None and panel not in self._panels:
            hint = f"accept it with --panel 0x{panel.hex()}"
            self._tell(state.round_id, "refused", f"the panel's word could take a stake: {hint}")
            return False
        enough = len(state.counted) >= state.round.terms.minimum_participants
        # Whom nobody vouched for would lose the next stake alike.
        calm = not state.in_grace and not state.unanswered_updates
        calm = calm and (state.hidden is None or state.hidden.is_open(0))
        waits = waits and calm and self._board.account not in state.lapsed
        return waits and enough and state.slash_end <= now <= latest

    def _has_lapsed(self, state: StakedState, now: int) -> bool:
        standing = state.disputed
        if self._proposer is None or standing is None or standing.ends_at:
            return False
        return standing.certify_by <= now < state.round.terms.proposal_deadline

    def _may_settle(self, state: StakedState, now: int) -> bool:
        standing = state.disputed
        if self._proposer is None or standing is None or not 0 < standing.ends_at <= now:
            return False
        about = [q for q in state.questions if q.open and q.proposal == state.proposals]
        return state.attested and not about and now < state.round.terms.proposal_deadline

    def _may_publish(self, state: StakedState) -> bool:
        if self._proposer is None or not state.settled or state.sponsor != self._board.account:
            return False
        versions = self._board.versions(state.round.terms.model_id)
        return all(version.round_id != state.round_id for version in versions)

    def _may_void(self, state: StakedState, now: int) -> bool:
        if self._proposer is None or state.sponsor != self._board.account or state.settled:
            return False
        return is_lost(state.round, now) or (state.round.voided and state.refundable)

    def _has_stake_back(self, state: StakedState) -> bool:
        me, standing = self._board.account, state.standing
        proposed = standing is not None and standing.proposer == me
        seated = me in state.seated and me not in state.slashed
        return state.over and me not in state.released and (proposed or seated)

    # what is done about it

    def _propose(self, round_id: bytes) -> None:
        if self._proposer is not None:
            proposal = self._proposer.propose(round_id)
            count, weight = proposal.top.count, proposal.top.weight
            self._tell(round_id, "proposed", f"{count} updates of weight {weight}")

    def _settle(self, round_id: bytes) -> None:
        if self._proposer is not None:
            self._proposer.settle(round_id)
            self._tell(round_id, "settled", "the proposal is the round's result")

    def _publish(self, round_id: bytes) -> None:
        if self._proposer is not None:
            version = self._proposer.publish(round_id)
            self._tell(round_id, "published", f"version {version.number}")

    def _release(self, round_id: bytes) -> None:
        self._stakes.release(round_id, self._board.account)
        self._tell(round_id, "released", "this account's stake is free")

    def _tried(self, state: StakedState, act: Callable[[bytes], object]) -> bool:
        """Acts; what refuses is told, and tried again the next time: content or stake may come.

        Somebody else may also have been faster; the next look at the chain tells.
        """
        try:
            act(state.round_id)
        except StorageError as error:
            self._tell(state.round_id, "blind", str(error))
        except (Reverted, TrainingError, ConfigError) as error:  # one round's, not the others'
            if is_lost_race(error):
                return False
            self._tell(state.round_id, "refused", f"{act.__name__.strip('_')}: {error}")
        else:
            return True
        return False

    def _tell_of_lapse(self, state: StakedState) -> None:
        if self._board.account in state.lapsed:
            lost = state.stakes.proposer_stake
            self._tell(
                state.round_id,
                "lapsed",
                f"no quorum vouched for this account's proposal in time: its stake of {lost} is "
                "burnt. It proposes no more in this round; see that the others run `tally train "
                "join` or `tally watch`, and propose by another account",
            )

    def _tell(self, round_id: bytes, kind: str, text: str) -> None:
        note = Note(round_id, kind, text)
        if note not in self._noted:
            self._noted.add(note)
            self._told(note)
