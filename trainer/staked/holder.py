"""A holder: vouches for what it has whole, and hands vouches in when they are enough (F-16).

Vouching is a promise under stake to answer for the data. So an update is vouched for when its
values are here and have the revealed root, and a result when all of it was worked out here and is
the same to the bit: what this account can make again, it can always answer about.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from registry.errors import ConfigError, Reverted, StorageError, StoreUnavailable, TrainingError
from registry.fraud_proofs.stake_terms import Proposal
from trainer.protocol.round_state import phase_at
from trainer.staked.outcome import Outcomes
from trainer.staked.ports import StakedBoard
from trainer.staked.state import StakedState, StandingProposal
from trainer.staked.watcher import Note
from trainer.types import Phase

__all__ = ["Holder", "is_lost_race"]

_DONE_BY_OTHERS = {"NothingAdded", "AlreadyCertified", "ProposalStands", "RoundOver"}


def is_lost_race(error: Exception) -> bool:
    """Tells whether somebody else did the same a moment earlier, which is no news to anybody."""
    return type(error).__name__ in _DONE_BY_OTHERS


@final
class Holder:
    """Vouches for one account, if its word counts in a round.

    Args:
        stakes: staked rounds, seen by the account.
        outcomes: fetches updates and works rounds out.
        told: called with each note.
    """

    def __init__(
        self,
        stakes: StakedBoard,
        outcomes: Outcomes,
        told: Callable[[Note], None] = lambda note: None,
    ) -> None:
        self._stakes, self._outcomes, self._told = stakes, outcomes, told
        self._same: dict[tuple[bytes, Proposal], bool] = {}
        self._noted: set[Note] = set()

    def step(self, state: StakedState, now: int) -> bool:
        """Vouches and certifies as is due; returns whether that changed the chain."""
        try:
            if self._certifies_updates(state, now):
                return self._updates(state, now)
            standing = state.disputed
            waits = standing is not None and not standing.ends_at and now < standing.certify_by
            return standing is not None and waits and self._result(state, standing)
        except (StoreUnavailable, ConfigError) as error:
            self._note(state, "blind", f"storage gave no answer, looking again: {error}")
        except Reverted as error:  # it may be too late
            if not is_lost_race(error):
                self._note(state, "refused", f"certificate: {error}")
        return False

    @staticmethod
    def _certifies_updates(state: StakedState, now: int) -> bool:
        revealed = phase_at(state.round, now) is Phase.PROPOSAL
        return not state.over and revealed and now < state.certify_end

    def _updates(self, state: StakedState, now: int) -> bool:
        round_id, account = state.round_id, self._stakes.account
        if state.may_vouch(account):
            calculation = self._outcomes.calculation(state)
            held = {x.participant for x in state.revealed if calculation.vector(x) is not None}
            if held - state.vouched.get(account, frozenset()):
                return self._stakes.vouch_for_updates(round_id, held)
        missing = {leaf.participant for leaf in state.revealed} - state.certified
        if not missing:
            return False
        # One certificate for everybody, if it may still come; else for those that have one.
        waiting = {p for p in missing if self._vouchers(state, p) < state.stakes.quorum}
        late = now >= state.certify_end - state.stakes.certify_window // 2
        if waiting and (not late or waiting == missing):
            return False
        return self._stakes.certify_updates(round_id)

    @staticmethod
    def _vouchers(state: StakedState, participant: str) -> int:
        return sum(state.may_vouch(w) and participant in held for w, held in state.vouched.items())

    def _result(self, state: StakedState, standing: StandingProposal) -> bool:
        account, round_id = self._stakes.account, state.round_id
        known = account in standing.vouchers
        if not known and state.may_vouch(account) and self._is_same(state, standing):
            return self._stakes.vouch_for_result(round_id, standing.proposal)
        enough = sum(state.may_vouch(who) for who in standing.vouchers) >= state.stakes.quorum
        return enough and self._stakes.certify_result(round_id)

    def _is_same(self, state: StakedState, standing: StandingProposal) -> bool:
        """Tells whether all that a proposal names is what the round comes to here."""
        key = state.round_id, standing.proposal  # a number may be another's after a re-org
        if key not in self._same:
            try:
                found = self._outcomes.review(state)
            except StoreUnavailable:
                raise
            except (ConfigError, StorageError, TrainingError) as error:
                self._note(state, "blind", f"the proposal wasn't worked out again: {error}")
                return False
            self._same[key] = not found
        return self._same[key]

    def _note(self, state: StakedState, kind: str, text: str) -> None:
        note = Note(state.round_id, kind, text)
        if note not in self._noted:
            self._noted.add(note)
            self._told(note)
