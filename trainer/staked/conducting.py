"""Conducts staked rounds of a model, one after another: the sponsor's outer loop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import final

from registry.result_document import LARGEST_RESULT, ResultDocument
from registry.stake_terms import Rule, StakeTerms
from trainer.conducting import RoundPlan
from trainer.coordinator import RoundResult
from trainer.execution import layout_of
from trainer.named_documents import store_named
from trainer.ports import BlobStore, Clock, RoundBoard
from trainer.staked.following import Follower
from trainer.staked.ports import StakedBoard
from trainer.types import ZERO_ADDRESS, RoundTerms
from trainer.versions import read_version

__all__ = ["Sponsor", "StakePlan"]

_LARGEST_BASE = 1 << 40


@dataclass(frozen=True)
class StakePlan:
    """What the staked rounds of one federation ask for besides `RoundPlan`. Times in seconds.

    Args:
        disputes: the contract whose judgement counts.
        token: what stakes are in.
        participant_stake: in the token's smallest unit, as the two below.
        proposer_stake: of whoever proposes.
        bond: of whoever asks.
        rule: how updates are combined.
        trim: what the trimmed mean drops at each end; 0 with another rule.
        answer_window: to answer a question in.
        dispute_window: to dispute a proposal in; at least three answer windows.
        attempts: how many proposals there is time for, each disputed to the last second.
        evaluators: the contract whose panel attests (F-11); the zero address for none.
        panel: the panel's id.
    """

    disputes: str
    token: str
    participant_stake: int
    proposer_stake: int
    bond: int
    rule: Rule = Rule.MEAN
    trim: int = 0
    answer_window: int = 600
    dispute_window: int = 3600
    attempts: int = 3
    evaluators: str = ZERO_ADDRESS
    panel: bytes = bytes(32)

    def stakes(self, length: int) -> StakeTerms:
        """Returns the stake terms of a round over vectors of so many values."""
        return StakeTerms(
            self.disputes,
            self.token,
            self.participant_stake,
            self.proposer_stake,
            self.bond,
            length,
            self.rule,
            self.trim,
            self.answer_window,
            self.dispute_window,
            self.evaluators,
            self.panel,
        )

    def lengthened(self, terms: RoundTerms) -> RoundTerms:
        """Returns a round's terms with time to propose and dispute, instead of a challenge."""
        lasts = 4 * self.answer_window + self.attempts * self.dispute_window
        deadline = max(terms.proposal_deadline, terms.reveal_deadline + lasts)
        return replace(terms, challenge_window=0, proposal_deadline=deadline)


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
        follower: Follower,
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
    ) -> list[RoundResult]:
        """Conducts rounds until so many have ended, each from the newest version.

        A round of this account's that is still open, from an earlier run, is finished first and
        counts.
        """
        results: list[RoundResult] = []
        while len(results) < rounds:
            round_id = self._unfinished(model_id) or self._open(model_id, plan, staking)
            while not self._follower.is_done(round_id):
                if not self._follower.step(round_id):
                    self._clock.wait_until(self._clock.now() + 1)
            results.append(self._result(round_id))
            told(self._stakes.state(round_id).round.number, results[-1])
        return results

    def _open(self, model_id: bytes, plan: RoundPlan, staking: StakePlan) -> bytes:
        newest = self._board.versions(model_id)[-1]
        allow_list = plan.invited(len(self._board.rounds_of(model_id)) + 1)
        terms, document = plan.terms(model_id, newest.number, self._clock.now(), allow_list)
        base = self._work / "base"
        self._blobs.get_folder(newest.content_digest, base, _LARGEST_BASE)
        length = layout_of(read_version(base), document).length
        store_named(self._blobs, terms, document, allow_list)
        return self._stakes.open(staking.lengthened(terms), staking.stakes(length))

    def _unfinished(self, model_id: bytes) -> bytes | None:
        for round_id in self._stakes.rounds_of(model_id):
            own = self._stakes.state(round_id).sponsor == self._board.account
            if own and not self._follower.is_done(round_id):
                return round_id
        return None

    def _result(self, round_id: bytes) -> RoundResult:
        state = self._stakes.state(round_id)
        if not state.settled or state.standing is None:
            return RoundResult(round_id)
        digest = state.standing.proposal.document_digest
        document = ResultDocument.parse(self._blobs.get_bytes(digest, LARGEST_RESULT))
        made = [
            version
            for version in self._board.versions(state.round.terms.model_id)
            if version.round_id == round_id
        ]
        return RoundResult(round_id, document, made[0] if made else None)
