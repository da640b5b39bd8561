"""Following a model's rounds: propose, settle, publish, refund, take stakes back (F-7, F-9)."""

from __future__ import annotations

import cheating_proposers as proposers
import pytest
from staked_federation import (
    CERTIFY,
    CHEAT,
    DISPUTE,
    FUNDS,
    MODEL,
    PEOPLE,
    PROPOSAL,
    PROPOSER,
    STAKE,
    WATCHER,
    StakedFederation,
)
from tests_roles import OWNER

from registry.errors import RoundError
from registry.signing import LocalSigner
from trainer.adapters.registry_board import RegistryBoard
from trainer.staked.acceptance import Acceptance
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.staked_participant import StakedParticipant


def follower(f: StakedFederation, who: LocalSigner, proposes: bool = False) -> StakedRoundAgent:
    """An account's follower."""
    proposer = f.proposer(who) if proposes else None
    watcher, holder = f.watcher(who, "-follows"), f.holder(who)
    parts = RegistryBoard(f.client(who)), f.board(who), f.clock, watcher, holder
    return StakedRoundAgent(*parts, proposer, told=f.notes.append)


def kinds(f: StakedFederation) -> list[str]:
    """The kinds of the notes so far."""
    return [note.kind for note in f.notes]


def test_a_model_is_followed_until_its_rounds_are_over(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.dropped_participant()).propose(round_id)
    watches, model_id = follower(staked, WATCHER), staked.version.model_id
    assert watches.follow(model_id, 1, lambda: True) == 0
    assert kinds(staked) == ["LeftOut"]
    honest = staked.proposer()
    honest.propose(round_id)
    staked.certify_result(round_id)
    honest.settle(round_id)
    assert watches.follow(model_id, 1, lambda: False) == 1


def test_a_stranger_with_stake_proposes_and_settles_and_has_its_stake_back(
    staked: StakedFederation,
) -> None:
    round_id = staked.revealed()
    state = staked.board().state(round_id)
    stranger = follower(staked, PROPOSER, proposes=True)
    assert not stranger.step(round_id)
    staked.clock.wait_until(state.slash_end)
    assert stranger.step(round_id)
    assert not stranger.step(round_id)
    for who in PEOPLE[:2]:
        assert follower(staked, who).step(round_id)  # vouches, and hands it in when it is enough
    assert follower(staked, PEOPLE[0]).step(round_id)
    staked.clock.wait_until(staked.clock.now() + DISPUTE)
    assert stranger.step(round_id)
    assert stranger.step(round_id)
    assert stranger.is_done(round_id)
    assert kinds(staked) == ["proposed", "settled", "released"]
    assert staked.owner.stakes.of(PROPOSER.address).free == FUNDS
    assert staked.board().state(round_id).settled


def test_the_sponsor_publishes_what_was_settled(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    honest = staked.proposer()
    honest.propose(round_id)
    staked.certify_result(round_id)
    honest.settle(round_id)
    sponsor = follower(staked, OWNER, proposes=True)
    assert not sponsor.is_done(round_id)
    while not sponsor.is_done(round_id):
        assert sponsor.step(round_id)
    assert kinds(staked) == ["published"]
    assert staked.owner.version(MODEL).round_id == round_id


def test_a_sponsor_gets_the_budget_of_a_lost_round_back(staked: StakedFederation) -> None:
    before = staked.wealth()[OWNER.address]
    round_id = staked.revealed()
    deadline = staked.board().state(round_id).round.terms.proposal_deadline
    staked.clock.wait_until(deadline)
    sponsor = follower(staked, OWNER, proposes=True)
    assert not sponsor.is_done(round_id)
    assert sponsor.step(round_id)
    assert sponsor.is_done(round_id)
    assert staked.wealth()[OWNER.address] == before
    assert not staked.owner.weighted_payouts.pot(round_id).funded
    own = follower(staked, PEOPLE[0])
    assert own.step(round_id)
    assert own.is_done(round_id)
    assert staked.owner.stakes.of(PEOPLE[0].address).free == FUNDS


def test_one_without_stake_is_told_so_and_tries_again(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.clock.wait_until(staked.board().state(round_id).slash_end)
    poor = follower(staked, OWNER, proposes=True)
    assert not poor.step(round_id)
    assert not poor.step(round_id)
    (note,) = staked.notes
    assert note.kind == "refused"
    assert "propose" in note.text
    staked.client(OWNER).stakes.deposit(3 * STAKE)
    staked.client(OWNER).stakes.set_controller(staked.owner.staked_rounds.address)
    assert poor.step(round_id)


def test_no_proposal_is_made_too_late_to_be_disputed(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    state = staked.board().state(round_id)
    staked.clock.wait_until(state.round.terms.proposal_deadline - PROPOSAL + 1)
    assert not follower(staked, PROPOSER, proposes=True).step(round_id)
    assert staked.notes == []


def test_what_nobody_vouches_for_lapses_and_another_may_follow(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.proposer(CHEAT, proposers.wrong_version(b"\x07" * 32)).propose(round_id)
    for who in PEOPLE:  # who works the round out doesn't vouch for a lie
        assert not follower(staked, who).step(round_id)
    honest = follower(staked, PROPOSER, proposes=True)
    assert not honest.step(round_id)
    staked.clock.wait_until(staked.clock.now() + CERTIFY)
    assert honest.step(round_id)
    record = staked.owner.staked_rounds.record(round_id)
    assert record.proposals[0].fault == "not certified"
    assert honest.step(round_id)
    assert staked.board().state(round_id).disputed is not None


def test_whom_nobody_vouched_for_proposes_no_more_in_that_round(staked: StakedFederation) -> None:
    round_id = staked.revealed()
    staked.clock.wait_until(staked.board().state(round_id).slash_end)
    honest = follower(staked, PROPOSER, proposes=True)
    assert honest.step(round_id)
    staked.clock.wait_until(staked.clock.now() + CERTIFY)
    assert honest.step(round_id)  # it lapses
    for _ in range(2):
        assert not honest.step(round_id)
    assert kinds(staked) == ["proposed", "lapsed"]
    assert f"its stake of {3 * STAKE} is burnt" in staked.notes[-1].text
    assert staked.owner.stakes.of(PROPOSER.address).free == FUNDS - 3 * STAKE
    assert follower(staked, CHEAT, proposes=True).step(round_id)  # another account may


def test_t38_who_doesn_t_accept_a_panel_proposes_nothing_under_it(
    staked: StakedFederation,
) -> None:
    panel = staked.owner.evaluations.create_panel([WATCHER.address], 1)
    round_id = staked.revealed(stakes=staked.stakes(panel=panel.panel))
    staked.clock.wait_until(staked.board().state(round_id).slash_end)
    watcher, holder = staked.watcher(PROPOSER), staked.holder(PROPOSER)
    parts = RegistryBoard(staked.client(PROPOSER)), staked.board(PROPOSER), staked.clock
    told = staked.notes.append
    picky = StakedRoundAgent(*parts, watcher, holder, staked.proposer(), (), told)
    assert not picky.step(round_id)
    assert f"--panel 0x{panel.panel.hex()}" in staked.notes[-1].text
    accepting = StakedRoundAgent(*parts, watcher, holder, staked.proposer(), (panel.panel,), told)
    assert accepting.step(round_id)


def test_t38_a_sponsor_s_made_up_base_root_is_no_trap_for_who_proposes_or_joins(
    staked: StakedFederation,
) -> None:
    made_up = staked.stakes(base_root=b"\x07" * 32)
    round_id = staked.revealed(stakes=made_up)
    staked.clock.wait_until(staked.board().state(round_id).slash_end)
    assert not follower(staked, PROPOSER, proposes=True).step(round_id)
    (note,) = staked.notes
    assert note.kind == "refused"
    assert "the sponsor's terms are wrong" in note.text
    own = staked.board(WATCHER), follower(staked, WATCHER), staked.outcomes(WATCHER)
    attends = StakedParticipant(*own, staked.clock, Acceptance(STAKE))
    with pytest.raises(RoundError, match="don't take part"):
        attends.enter(round_id)
