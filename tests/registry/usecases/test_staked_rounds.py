"""Staked rounds through the client, from opening to release or refund (F-7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from staked_scenario import BOND, BUDGET, FUNDS, PROPOSER, WATCHER, StakedScenario
from tests_roles import OWNER, STRANGER

from registry.chain.reverts import error_classes
from registry.chain.token import balance_of
from registry.errors import ConfigError, RoundError
from registry.fraud_proofs.stake_rules import least_dispute_window, least_proposer_stake
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.index import ProposalStatus
from registry.types import Phase

ERRORS = error_classes()


def test_f7_a_proposal_that_stands_its_window_becomes_the_result_and_pays(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree = staked.tree(round_id)
    proposal = staked.proposed(round_id, tree)
    anyone = staked.client(WATCHER)
    record = anyone.staked_rounds.record(round_id)
    assert record.standing is not None
    assert (record.standing.proposer, record.standing.proposal) == (PROPOSER.address, proposal)
    staked.clock.wait_until(record.standing.ends_at)
    for _ in range(2):
        anyone.staked_rounds.settle(round_id)
    record = anyone.staked_rounds.record(round_id)
    assert record.standing is not None
    assert (record.settled, record.standing.standing) == (True, ProposalStatus.SETTLED)
    training = anyone.staked_rounds.training_round(round_id)
    assert training.phase_at(staked.clock.now()) == Phase.FINALISED
    assert training.result is not None
    assert training.result.result_root == proposal.top.numerators_root
    people = [person.address for person in staked.people]
    assert anyone.weighted_payouts.pay(round_id, tree=tree) == people
    pot = anyone.weighted_payouts.pot(round_id)
    assert pot.paid == {
        who: BUDGET * weight // 24 for who, weight in zip(people, (5, 8, 11), strict=True)
    }
    assert pot.rest is not None
    assert sum(pot.paid.values()) + pot.rest == BUDGET
    for who in (*staked.people, PROPOSER):
        assert anyone.staked_rounds.release(round_id, who.address)
        assert not anyone.staked_rounds.release(round_id, who.address)
        assert anyone.stakes.of(who.address).free == FUNDS
    assert not anyone.staked_rounds.release(round_id)


def test_f7_what_counts_has_a_stake_and_was_revealed_in_ascending_order(
    staked: StakedScenario, round_id: bytes
) -> None:
    counted = staked.owner.staked_rounds.counted(round_id)
    assert [leaf.participant for leaf in counted] == [p.address for p in staked.people]
    assert [leaf.weight for leaf in counted] == [5, 8, 11]
    contract = staked.owner.connection.contracts["StakedRounds"]
    assert all(contract.read("matchesReveal", round_id, leaf) for leaf in counted)
    lighter = replace(counted[0], weight=4)
    assert not contract.read("matchesReveal", round_id, lighter)


def test_a_step_that_is_done_is_not_sent_again(staked: StakedScenario, round_id: bytes) -> None:
    tree = staked.tree(round_id)
    proposal = staked.proposed(round_id, tree)
    mine = staked.client(PROPOSER).staked_rounds
    before = staked.place.gateway.block("latest")["number"]
    assert mine.propose(round_id, proposal).proposal == proposal
    staked.client(staked.people[0]).staked_rounds.lock_stake(round_id)
    assert staked.place.gateway.block("latest")["number"] == before


def test_a_strangers_model_is_not_opened_under_stake(staked: StakedScenario) -> None:
    stranger = staked.client(STRANGER)
    with pytest.raises(ERRORS["NotPublisherOf"]):
        stranger.staked_rounds.open(staked.terms(reward_budget=0), staked.stakes())


@pytest.mark.parametrize(
    ("terms", "stakes", "error"),
    [
        ({"challenge_window": 1}, {}, "ChallengeUnderStake"),
        ({}, {"answer_window": 0}, "WindowTooShort"),
        ({}, {"answer_window": 201}, "WindowTooShort"),
        ({}, {"certify_window": 31 * 86_400}, "WindowTooLong"),
        ({}, {"trim": 1}, "InvalidStakeTerms"),
        ({}, {"rule": AggregationRule.TRIMMED_MEAN}, "InvalidStakeTerms"),
        ({}, {"vector_length": 0}, "InvalidStakeTerms"),
        ({}, {"panel": b"\x07" * 32}, "InvalidStakeTerms"),
        ({}, {"committee": b"\x07" * 32}, "InvalidStakeTerms"),
        ({}, {"precision": 64}, "InvalidStakeTerms"),
        ({}, {"base_root": bytes(32)}, "InvalidStakeTerms"),
        ({}, {"quorum": 1}, "QuorumOutOfRange"),
        ({}, {"quorum": 3}, "QuorumOutOfRange"),
        ({}, {"bond": 0}, "StakeTooSmall"),
        ({}, {"proposer_stake": 48 * BOND - 1}, "StakeTooSmall"),
        ({}, {"dispute_window": 30 * 86_400}, "ProposalTimeTooShort"),
    ],
)
def test_terms_that_do_not_fit_are_refused_by_name(
    staked: StakedScenario, terms: dict[str, Any], stakes: dict[str, Any], error: str
) -> None:
    with pytest.raises(ERRORS[error]):
        staked.owner.staked_rounds.open(staked.terms(**terms), staked.stakes(**stakes))


def test_f17_the_least_windows_and_stakes_that_are_worked_out_here_are_taken(
    staked: StakedScenario,
) -> None:
    asked = staked.stakes()
    window = least_dispute_window(asked.vector_length, asked.answer_window)
    stake = least_proposer_stake(asked.vector_length, asked.bond)
    least = {"dispute_window": window, "proposer_stake": stake}
    assert staked.owner.staked_rounds.open(staked.terms(), staked.stakes(**least))
    for term, value in least.items():
        with pytest.raises((ERRORS["WindowTooShort"], ERRORS["StakeTooSmall"])) as refused:
            staked.owner.staked_rounds.open(staked.terms(), staked.stakes(**{term: value - 1}))
        assert refused.value.arguments["least"] == value


def test_the_budget_is_taken_from_the_sponsor_to_the_unit_and_is_in_the_pot(
    staked: StakedScenario,
) -> None:
    gateway, pot = staked.place.gateway, (staked.token, BUDGET)
    before = balance_of(gateway, staked.token, OWNER.address)
    opened = staked.owner.staked_rounds.open(staked.terms(), staked.stakes(), *pot)
    assert balance_of(gateway, staked.token, OWNER.address) == before - BUDGET
    assert staked.owner.weighted_payouts.pot(opened).funded == {OWNER.address: BUDGET}
    record = staked.owner.staked_rounds.record(opened)
    assert (record.sponsor, record.stakes) == (OWNER.address, staked.stakes())
    assert opened in [r.round_id for r in staked.owner.staked_rounds.of_model(staked.model)]


def test_without_a_proposal_the_pot_and_all_stakes_come_back(
    staked: StakedScenario, round_id: bytes
) -> None:
    gateway = staked.place.gateway
    before = balance_of(gateway, staked.token, OWNER.address)
    anyone = staked.client(STRANGER)
    with pytest.raises(ERRORS["CannotVoid"]):
        anyone.staked_rounds.void(round_id)
    with pytest.raises(ERRORS["NotVoided"]):
        anyone.weighted_payouts.refund(round_id, funder=OWNER.address)
    staked.clock.wait_until(staked.term(round_id, "proposal_deadline"))
    for _ in range(2):
        anyone.staked_rounds.void(round_id)
    refunds = [anyone.weighted_payouts.refund(round_id, funder=OWNER.address) for _ in range(2)]
    assert refunds == [BUDGET, 0]
    assert balance_of(gateway, staked.token, OWNER.address) == before + BUDGET
    for person in staked.people:
        assert anyone.staked_rounds.release(round_id, person.address)
        assert anyone.stakes.of(person.address).free == FUNDS


def test_a_round_without_a_budget_is_voided_and_refunds_nothing(staked: StakedScenario) -> None:
    opened = staked.owner.staked_rounds.open(staked.terms(), staked.stakes())
    staked.clock.wait_until(staked.term(opened, "proposal_deadline"))
    staked.owner.staked_rounds.void(opened)
    assert staked.owner.weighted_payouts.refund(opened) == 0
    assert staked.owner.staked_rounds.training_round(opened).voided


def test_who_has_no_stake_or_named_no_controller_cannot_lock_any(staked: StakedScenario) -> None:
    opened = staked.owner.staked_rounds.open(staked.terms(), staked.stakes())
    stranger = staked.client(STRANGER)
    with pytest.raises(ERRORS["NotController"], match="tally stake controllers"):
        stranger.staked_rounds.lock_stake(opened)
    stranger.stakes.set_controller(stranger.staked_rounds.address)
    with pytest.raises(ERRORS["InsufficientFree"], match="tally stake deposit"):
        stranger.staked_rounds.lock_stake(opened)


def test_the_clock_refuses_each_step_out_of_its_time(
    staked: StakedScenario, round_id: bytes
) -> None:
    tree, mine = staked.tree(round_id), staked.client(PROPOSER).staked_rounds
    late = staked.client(PROPOSER).staked_rounds
    with pytest.raises(ERRORS["WrongPhase"]):
        late.lock_stake(round_id)
    with pytest.raises(ERRORS["SlashingNotOver"]):
        mine.propose(round_id, staked.proposal(tree))
    with pytest.raises(RoundError, match="expected a standing proposal, got none"):
        mine.settle(round_id)
    proposal = staked.proposed(round_id, tree)
    with pytest.raises(ERRORS["DisputeWindowOpen"]):
        mine.settle(round_id)
    with pytest.raises(ERRORS["ProposalStands"]):
        staked.client(WATCHER).staked_rounds.propose(round_id, proposal)
    with pytest.raises(ERRORS["RoundNotOver"]):
        mine.release(round_id)


def test_a_proposal_with_nothing_in_it_or_too_few_is_refused(
    staked: StakedScenario, round_id: bytes
) -> None:
    staked.clock.wait_until(staked.owner.staked_rounds.slash_end(round_id))
    mine, tree = staked.client(PROPOSER).staked_rounds, staked.tree(round_id)
    with pytest.raises(ERRORS["EmptyProposal"]):
        mine.propose(round_id, staked.proposal(tree, version_digest=bytes(32)))
    with pytest.raises(ERRORS["PayoutsWithoutPanel"]):
        mine.propose(round_id, staked.proposal(tree, payout_total=BUDGET))
    fewer = staked.tree(round_id, lambda leaves: leaves[:1])
    with pytest.raises(ERRORS["TooFewCounted"]):
        mine.propose(round_id, staked.proposal(fewer))


def test_a_round_without_stake_is_none_of_this(staked: StakedScenario) -> None:
    with pytest.raises(ConfigError, match="no staked round 0x0101"):
        staked.owner.staked_rounds.record(b"\x01" * 32)


def test_a_reader_opens_nothing(staked: StakedScenario) -> None:
    with pytest.raises(ConfigError, match="a key is needed"):
        staked.client(None).staked_rounds.open(staked.terms(), staked.stakes())
