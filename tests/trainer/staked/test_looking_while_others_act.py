"""What stands may change while it is looked at: nobody vouches for, or asks of, another one."""

from __future__ import annotations

import cheating_proposers as proposers
import pytest
from chain_federation import undone
from staked_federation import CHEAT, PEOPLE, PROPOSER, WATCHER, StakedFederation

from trainer.staked import watcher
from trainer.staked.outcome import Outcomes
from trainer.staked.state import StakedState
from trainer.staked.watcher_actions import WatcherAction
from trainer.staked.watcher_policy import WatcherContext, decide

LIE = proposers.wrong_version(b"\x07" * 32)
HOLDER = PEOPLE[0]


def test_f16_a_holder_vouches_for_what_it_looked_at_alone(
    staked: StakedFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = staked.revealed()
    staked.proposer().propose(round_id)
    holder, review = staked.holder(HOLDER), Outcomes.review

    def slow(outcomes: Outcomes, state: StakedState) -> list[str]:
        found = review(outcomes, state)
        if state.standing is not None and state.standing.number == 1:
            staked.clock.wait_until(state.standing.certify_by)
            staked.board(CHEAT).lapse(round_id)
            staked.proposer(CHEAT, LIE).propose(round_id)
        return found

    monkeypatch.setattr(Outcomes, "review", slow)
    for _ in range(2):
        assert not holder.step(staked.board().state(round_id), staked.clock.now())
    standing = staked.board().state(round_id).standing
    assert standing is not None
    assert (standing.number, standing.vouchers) == (2, frozenset())


def test_t1_after_a_re_org_the_same_number_is_another_proposal(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    holder = staked.holder(HOLDER)
    staked.clock.wait_until(staked.board().state(round_id).slash_end)
    with undone(staked.place.gateway):
        staked.proposer().propose(round_id)
        assert holder.step(staked.board().state(round_id), staked.clock.now())
    staked.proposer(CHEAT, LIE).propose(round_id)
    assert not holder.step(staked.board().state(round_id), staked.clock.now())


def test_f10_a_watcher_asks_of_what_it_judged_alone(
    staked: StakedFederation, monkeypatch: pytest.MonkeyPatch
) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, LIE).propose(round_id)
    staked.certify_result(round_id)
    slow, other = staked.watcher(), staked.watcher(PROPOSER, name="-other")
    board = staked.board()

    def late(view: WatcherContext) -> list[WatcherAction]:
        deeds = decide(view)
        if view.account == WATCHER.address and view.state.proposals == 1 and deeds:
            staked.until(other, round_id, lambda: board.state(round_id).standing is None)
            staked.proposer().propose(round_id)
            staked.certify_result(round_id)
        return deeds

    monkeypatch.setattr(watcher, "decide", late)
    slow.step(round_id)
    assert [q for q in board.state(round_id).questions if q.proposal == 2] == []
