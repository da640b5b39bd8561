"""A proposer: works a staked round out, proposes it under stake, settles it, publishes it.

It starts from the chain each time, so one that was stopped anywhere goes on where the round
stands; working a round out twice gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import final

from registry.errors import RoundError
from registry.fraud_proofs.stake_terms import Proposal
from trainer.documents.fetching import base_of
from trainer.ports import Clock, PublishedVersion, RoundBoard
from trainer.staked.outcome import Draft, Outcomes
from trainer.staked.ports import StakedBoard
from trainer.staked.state import StakedState

__all__ = ["Proposer"]


@final
class Proposer:
    """Proposes for whoever has a stake; publishing the version is for publishers of the model.

    Args:
        board: rounds and versions, seen by the proposer's account.
        stakes: the same rounds' stakes.
        outcomes: works them out.
        clock: the rounds' time.
        change: what is made of each draft before it is posted; nothing, for an honest proposer
            (`cheating_proposers` has others).
    """

    def __init__(
        self,
        board: RoundBoard,
        stakes: StakedBoard,
        outcomes: Outcomes,
        clock: Clock,
        change: Callable[[StakedState, Draft, Outcomes], Draft] = lambda state, draft, made: draft,
    ) -> None:
        self._board, self._stakes, self._outcomes = board, stakes, outcomes
        self._clock, self._change = clock, change

    def propose(self, round_id: bytes) -> Proposal:
        """Proposes a round's outcome, as soon as slashing is over; returns the proposal.

        Raises:
            RoundError: another proposal stands, the round has ended, an update is missing or asked
                for, or the terms name another base than there is (F-13).
            Reverted: the chain refuses.
        """
        while (now := self._clock.now()) < (end := self._stakes.state(round_id).slash_end):
            self._clock.wait_until(max(end, now))
        state = self._stakes.state(round_id)
        if state.over or state.disputed is not None:
            raise RoundError(
                f"round {state.round.number}: expected it to wait for a proposal, but "
                f"{'it has ended' if state.over else 'one stands'}"
            )
        if state.unanswered_updates:
            raise RoundError(
                f"round {state.round.number}: an update was asked for and nobody gave it; answer "
                "for it (`tally dispute answer`), or punish the silence first"
            )
        if state.hidden is not None and not state.hidden.is_open(0):
            raise RoundError(
                f"round {state.round.number}: its updates are hidden, and not every secret that "
                "their sum needs is open; wait until it is, or is given up"
            )
        # Else the sponsor, who made the base's root up, could prove an honest version wrong.
        self._outcomes.require_base(state)
        draft = self._change(state, self._outcomes.draft(state), self._outcomes)
        proposal = self._outcomes.store(state, draft)
        if self._stakes.state(round_id).counted != state.counted:
            raise RoundError(
                f"round {state.round.number}: what counts changed while it was worked out; propose "
                "again"
            )
        self._stakes.propose(round_id, proposal)
        return proposal

    def settle(self, round_id: bytes) -> None:
        """Settles the standing proposal when its dispute window is over, whoever made it.

        Raises:
            RoundError: no proposal stands, or it was rejected meanwhile.
            Reverted: a question about it is open.
        """
        while True:
            state = self._stakes.state(round_id)
            if state.settled:
                return
            if state.standing is None:
                raise RoundError(f"round {state.round.number}: no proposal stands; propose again")
            now, ends_at = self._clock.now(), state.standing.ends_at
            if now >= ends_at:
                self._stakes.settle(round_id)
                return
            # While the chain's sequencer is down, nobody knows when they end.
            self._clock.wait_until(min(ends_at, now + state.stakes.dispute_window))

    def publish(self, round_id: bytes) -> PublishedVersion:
        """Publishes a settled round's version, once; for publishers of the model.

        Raises:
            RoundError: the round isn't settled.
            Reverted: this account may not publish.
        """
        state = self._stakes.state(round_id)
        if not state.settled or state.standing is None:
            raise RoundError(f"round {state.round.number}: expected a settled proposal; settle it")
        terms, digest = state.round.terms, state.standing.proposal.version_digest
        base = base_of(self._board, terms)
        return self._board.publish_version(terms.model_id, digest, round_id, [base.version_id])
