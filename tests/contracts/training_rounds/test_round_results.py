"""proposeResult, finalise, voidRound

given a round whose reveals are complete
  when the coordinator proposes a result: the challenge window opens
  when anyone else does, or the result is empty, out of range or late: it reverts
given a proposed result
  when the window has passed: anyone makes it final, once, and the budget moves to the payouts
given a round that can't end well
  when it is below its minimum, or has no result in time: anyone voids it
  when it is in enrolment: its coordinator voids it, and nobody else
  when it is void: the budget goes back to its funder
"""

import pytest
from conftest import ZERO, opening, reach, refused, refused_early, word

RESULT = (word(21), word(22), word(23), 1, 10)
NAMES = ("None", "Enrolment", "Commit", "Reveal", "Proposal", "Proposed", "Finalised", "Voided")
PHASE = {name: number for number, name in enumerate(NAMES)}


@pytest.fixture
def complete(rounds, roles, open_round):
    """A round of one seat, revealed."""
    round_id = open_round(maximumParticipants=1)
    rounds.enrol(round_id, [], {"from": roles.hospital})
    commitment = rounds.commitmentFor(round_id, roles.hospital, opening(1))
    rounds.commit(round_id, commitment, {"from": roles.hospital})
    rounds.reveal(round_id, roles.hospital, opening(1), {"from": roles.hospital})
    assert rounds.phaseOf(round_id) == PHASE["Proposal"]
    return round_id


def test_a_proposal_opens_the_challenge_window(rounds, roles, complete):
    tx = rounds.proposeResult(complete, RESULT, {"from": roles.owner})
    event = tx.events["ResultProposed"]
    assert (event["resultRoot"], event["versionDigest"]) == (word(21), word(22))
    assert (event["accepted"], event["totalWeight"]) == (1, 10)
    assert event["challengeEndsAt"] == tx.timestamp + 500
    assert rounds.resultOf(complete) == RESULT
    with refused("WrongPhase", complete, PHASE["Proposal"], PHASE["Proposed"]):
        rounds.proposeResult(complete, RESULT, {"from": roles.owner})


def test_a_result_is_the_coordinators(rounds, roles, registry, model, complete):
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    for who in (roles.stranger, roles.publisher, roles.hospital):
        with refused("NotCoordinator", complete, who.address, roles.owner.address):
            rounds.proposeResult(complete, RESULT, {"from": who})


@pytest.mark.parametrize("empty", [0, 1, 2])
def test_a_result_names_root_version_and_document(rounds, roles, complete, empty):
    made = (*RESULT[:empty], ZERO, *RESULT[empty + 1 :])
    with refused("EmptyResult"):
        rounds.proposeResult(complete, made, {"from": roles.owner})


@pytest.mark.parametrize("accepted", [0, 2])
def test_a_result_accepts_some_of_the_revealed(rounds, roles, complete, accepted):
    with refused("AcceptedOutOfRange", accepted, 1):
        rounds.proposeResult(complete, (*RESULT[:3], accepted, 10), {"from": roles.owner})


def test_a_result_is_final_after_its_window_and_once(
    rounds, roles, pool, distributor, token, model, complete
):
    tx = rounds.proposeResult(complete, RESULT, {"from": roles.owner})
    ends = tx.events["ResultProposed"]["challengeEndsAt"]
    reach(ends - 20)
    with refused_early("ChallengeWindowOpen", complete, ends):
        rounds.finalise(complete, {"from": roles.stranger})
    reach(ends)
    tx = rounds.finalise(complete, {"from": roles.stranger})
    assert tx.events["RoundFinalised"]["versionDigest"] == word(22)
    assert tx.events["BudgetReleased"]["modelId"] == model
    assert token.balanceOf(pool) == 0
    assert distributor.distributionOf(model, token)[0] == 10**18
    with refused("WrongPhase", complete, PHASE["Proposed"], PHASE["Finalised"]):
        rounds.finalise(complete, {"from": roles.stranger})
    with refused("CannotVoid", complete, PHASE["Finalised"]):
        rounds.voidRound(complete, {"from": roles.owner})


def test_a_late_result_is_refused_and_the_round_void(rounds, roles, forfeits, token, complete):
    deadline = rounds.roundOf(complete)[5]
    reach(deadline)
    with refused_early("ProposalTooLate", complete, deadline):
        rounds.proposeResult(complete, RESULT, {"from": roles.owner})
    tx = rounds.voidRound(complete, {"from": roles.stranger})
    assert tx.events["RoundVoided"]["phase"] == PHASE["Proposal"]
    assert tx.events["BondForfeited"]["roundId"] == complete
    forfeits.collect(rounds, complete, roles.hospital, {"from": roles.stranger})
    assert token.balanceOf(roles.hospital) == 10**17
    with refused("AlreadyCollected", rounds.address, complete, roles.hospital.address):
        forfeits.collect(rounds, complete, roles.hospital, {"from": roles.stranger})
    with refused("NothingToCollect", rounds.address, complete, roles.clinic.address):
        forfeits.collect(rounds, complete, roles.clinic, {"from": roles.stranger})
    with refused("WrongPhase", complete, PHASE["Proposal"], PHASE["Voided"]):
        rounds.proposeResult(complete, RESULT, {"from": roles.owner})


def test_a_round_with_its_result_in_hand_cannot_be_voided(rounds, roles, complete):
    for who in (roles.stranger, roles.owner):
        with refused("CannotVoid", complete, PHASE["Proposal"]):
            rounds.voidRound(complete, {"from": who})


def test_below_its_minimum_anyone_voids_a_round_and_the_funder_is_refunded(
    rounds, roles, pool, forfeits, token, open_round
):
    round_id = open_round(minimumParticipants=2)
    before = token.balanceOf(roles.owner)
    reach(rounds.roundOf(round_id)[3])
    with refused("CannotVoid", round_id, PHASE["Reveal"]):
        rounds.voidRound(round_id, {"from": roles.stranger})
    reach(rounds.roundOf(round_id)[4])
    tx = rounds.voidRound(round_id, {"from": roles.stranger})
    assert tx.events["BudgetRefunded"]["roundId"] == round_id
    pool.withdrawRefund(rounds, round_id, {"from": roles.stranger})
    assert token.balanceOf(roles.owner) - before == 10**18
    forfeits.withdraw(rounds, round_id, {"from": roles.stranger})
    assert token.balanceOf(roles.owner) - before == 11 * 10**17


def test_during_enrolment_the_coordinator_alone_voids(rounds, roles, open_round):
    round_id = open_round()
    with refused("CannotVoid", round_id, PHASE["Enrolment"]):
        rounds.voidRound(round_id, {"from": roles.stranger})
    rounds.voidRound(round_id, {"from": roles.owner})
    assert rounds.phaseOf(round_id) == PHASE["Voided"]
    with refused("WrongPhase", round_id, PHASE["Enrolment"], PHASE["Voided"]):
        rounds.enrol(round_id, [], {"from": roles.hospital})
    with refused("CannotVoid", round_id, PHASE["Voided"]):
        rounds.voidRound(round_id, {"from": roles.owner})


def test_t21_a_round_without_a_budget_ends_without_payouts(rounds, roles, pool, open_round):
    round_id = open_round(rewardToken="0x" + "00" * 20, rewardBudget=0)
    tx = rounds.voidRound(round_id, {"from": roles.owner})
    assert "BudgetRefunded" not in tx.events
    assert pool.escrowOf(rounds, round_id)[1] == 0
