"""Conducts staked rounds of a model, one after another: the sponsor's outer loop."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from registry.addresses import ZERO_ADDRESS
from registry.documents.result import LARGEST_RESULT, ResultDocument
from registry.errors import ConfigError
from registry.fraud_proofs.stake_rules import (
    AT_ONCE,
    least_dispute_window,
    least_proposer_stake,
    search_steps,
)
from registry.fraud_proofs.stake_terms import AggregationRule, StakeTerms
from trainer.coordinator.coordinator import RoundResult
from trainer.coordinator.round_loop import RoundPlan
from trainer.coordinator.shortage import EmptyRounds, shortage
from trainer.documents.fetching import fetch_document, store_named
from trainer.execution.version_roots import Weights, weights_of
from trainer.ports import BlobStore, Clock, RoundBoard
from trainer.privacy.hidden_terms import HiddenSchedule
from trainer.protocol.round_state import phase_at
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.bases import require_room
from trainer.staked.ports import StakedBoard
from trainer.staked.servers import base_root, require_judged
from trainer.strategies import strategy
from trainer.types import Phase, RoundTerms

__all__ = ["Sponsor", "StakePlan"]

_LARGEST_BASE = 1 << 40


@dataclass(frozen=True)
class StakePlan:
    """What the staked rounds of one federation ask for besides `RoundPlan`. Times in seconds.

    Args:
        token: what stakes are in.
        participant_stake: in the token's smallest unit, as the two below.
        proposer_stake: of whoever proposes; None: the most of three times a participant's and
            what pays for a search (F-17).
        bond: of whoever asks; None: what half of three participants' stakes pays a search with.
        rule: how updates are combined.
        trim: what the trimmed mean drops at each end; 0 with another rule.
        certify_window: to vouch for what is held in.
        answer_window: to answer a question in.
        dispute_window: to dispute a proposal in; None: the least that a search needs.
        quorum: how many holders have to vouch for what counts.
        attempts: how many proposals there is time for, each disputed to the last second.
        committee: the panel whose members vouch; zero: the participants.
        panel: the panel that attests (F-11); zero for none.
        appeal_window: the panel's.
    """

    token: str
    participant_stake: int
    proposer_stake: int | None = None
    bond: int | None = None
    rule: AggregationRule = AggregationRule.MEAN
    trim: int = 0
    certify_window: int = 600
    answer_window: int = 600
    dispute_window: int | None = None
    quorum: int = 2
    attempts: int = 3
    committee: bytes = bytes(32)
    panel: bytes = bytes(32)
    appeal_window: int = 0

    def stakes(self, base: Weights, root: bytes) -> StakeTerms:
        """Returns the stake terms of a round.

        Args:
            base: the weights of the version that it trains further.
            root: the base's, with what the server remembers there (`trainer.staked.servers`).

        Raises:
            ConfigError: a dispute window or a proposer's stake below what a search needs, or a bond
                or proposer's stake above what the chain takes (F-17).
        """
        bond, proposer, dispute = self._searched(base.length)
        return StakeTerms(
            token=self.token,
            participant_stake=self.participant_stake,
            proposer_stake=proposer,
            bond=bond,
            vector_length=base.length,
            rule=self.rule,
            trim=self.trim,
            certify_window=self.certify_window,
            answer_window=self.answer_window,
            dispute_window=dispute,
            quorum=self.quorum,
            committee=self.committee,
            panel=self.panel,
            precision=base.bits,
            base_root=root,
        )

    def _searched(self, length: int) -> tuple[int, int, int]:
        """Returns bond, proposer's stake and dispute window, as a search for one chunk needs."""
        bond = self.bond
        if bond is None:
            bond = max(3 * self.participant_stake // (2 * AT_ONCE * search_steps(length)), 1)
        searched = least_proposer_stake(length, bond)
        least = least_dispute_window(length, self.answer_window)
        proposer = self.proposer_stake
        if proposer is None:
            proposer = max(3 * self.participant_stake, searched)
        dispute = least if self.dispute_window is None else self.dispute_window
        for option, given, needed in (
            ("dispute-seconds", dispute, least),
            ("proposer-stake", proposer, searched),
        ):
            if given < needed:
                raise ConfigError(
                    f"--{option}: expected at least {needed}, which a search for one wrong chunk "
                    f"among {length} values may need, got {given}"
                )
        most = least_proposer_stake(length, self.participant_stake)
        if bond > self.participant_stake:
            raise ConfigError(
                f"--bond: expected at most --stake, {self.participant_stake}, or answering would "
                f"earn more than silence costs, got {bond}"
            )
        if proposer > most:
            raise ConfigError(
                f"--proposer-stake: expected at most {most}, what the largest bond asks for, "
                f"got {proposer}"
            )
        return bond, proposer, dispute

    def lengthened(self, terms: RoundTerms, stakes: StakeTerms) -> RoundTerms:
        """Returns a round's terms with time to certify, unmask, propose and dispute.

        What they say of budget, forfeit and challenge is the stake's instead: a pot is filled with
        the budget, anyone proposes, and disputes are the challenge.
        """
        attempt = stakes.proposal_time(self.appeal_window)
        if self.rule is AggregationRule.HIDDEN_MEAN:
            unmasking = terms.commit_deadline - terms.enrolment_deadline
        else:
            unmasking = 0
        lasts = (
            unmasking
            + stakes.time_after_reveals(self.appeal_window)
            + (self.attempts - 1) * attempt
        )
        deadline = max(terms.proposal_deadline, terms.reveal_deadline + lasts)
        return replace(
            terms,
            challenge_window=0,
            proposal_deadline=deadline,
            reward_token=ZERO_ADDRESS,
            reward_budget=0,
            forfeit=0,
        )


@final
class Sponsor:
    """Opens staked rounds for a publisher of a model and follows each to its end.

    Args:
        board: rounds and versions.
        stakes: the same rounds' stakes.
        blobs: where content lies.
        clock: the rounds' time.
        follower: of the same account, with a proposer.
        work: a folder for the base version; may be lost between runs.
    """

    def __init__(
        self,
        board: RoundBoard,
        stakes: StakedBoard,
        blobs: BlobStore,
        clock: Clock,
        follower: StakedRoundAgent,
        work: Path,
    ) -> None:
        self._board, self._stakes, self._blobs, self._clock = board, stakes, blobs, clock
        self._follower, self._work = follower, work

    def conduct(
        self,
        model_id: bytes,
        plan: RoundPlan,
        staking: StakePlan,
        rounds: int,
        told: Callable[[int, RoundResult], None] = lambda number, result: None,
        most_empty: int | None = None,
    ) -> list[RoundResult]:
        """Conducts rounds until so many have ended, each from the newest version.

        A round of this account's that is still open, from an earlier run, is finished first and
        isn't counted.

        Raises:
            NoParticipants: `most_empty` rounds in a row found too few participants.
        """
        empty = EmptyRounds(most_empty)
        results: list[RoundResult] = []
        while len(results) < rounds:
            left_over = self.unfinished(model_id)
            round_id = left_over or self._open(model_id, plan, staking)
            if phase_at(self._stakes.state(round_id).round, self._clock.now()) is Phase.ENROLMENT:
                self._hide(round_id)  # a run that was killed may not have come to it
            self._follower.see_through(round_id)
            result = self._result(round_id)
            if left_over is None:
                results.append(result)
            state = self._stakes.state(round_id).round
            told(state.number, result)
            empty.add(state)
        return results

    def _open(self, model_id: bytes, plan: RoundPlan, staking: StakePlan) -> bytes:
        newest = self._board.versions(model_id)[-1]
        allow_list = plan.invited(len(self._board.rounds_of(model_id)) + 1)
        terms, document = plan.terms(model_id, newest.number, self._clock.now(), allow_list)
        # By digest: what another version remembered is not to be left in it.
        base = self._work / "base" / newest.content_digest.hex()
        self._blobs.get_folder(newest.content_digest, base, _LARGEST_BASE)
        rule = strategy(document.strategy, document.strategy_parameters)
        require_judged(rule, panel=any(staking.panel))
        weights = weights_of(base, document)
        require_room(base, document)
        load_state = base_root(document, weights, base)
        shutil.rmtree(self._work / "base", ignore_errors=True)
        stakes = staking.stakes(weights, load_state)
        store_named(self._blobs, terms, document, allow_list)
        pot = terms.reward_token, terms.reward_budget
        long = staking.lengthened(terms, stakes)
        round_id = self._stakes.open(long, stakes, *pot)
        self._hide(round_id)
        return round_id

    def _hide(self, round_id: bytes) -> None:
        """Hides a round whose terms document says so; of one that is, nothing."""
        state = self._stakes.state(round_id)
        terms, hidden = state.round.terms, self._board.hidden
        document = fetch_document(self._blobs, terms)
        if document.hidden is not None and hidden.state(round_id) is None:
            schedule = HiddenSchedule.under_stake(terms.deadlines, state.slash_end)
            hidden.hide(round_id, document.hidden, schedule)

    def unfinished(self, model_id: bytes) -> bytes | None:
        """Returns the first round of this account's that still asks something of it."""
        for round_id in self._stakes.rounds_of(model_id):
            own = self._stakes.state(round_id).sponsor == self._board.account
            if own and not self._follower.is_done(round_id):
                return round_id
        return None

    def _result(self, round_id: bytes) -> RoundResult:
        state = self._stakes.state(round_id)
        if not state.settled or state.standing is None:
            return RoundResult(round_id, obstacle=shortage(state.round))
        digest = state.standing.proposal.document_digest
        document = ResultDocument.parse(self._blobs.get_bytes(digest, LARGEST_RESULT))
        made = [
            version
            for version in self._board.versions(state.round.terms.model_id)
            if version.round_id == round_id
        ]
        return RoundResult(round_id, document, made[0] if made else None)
