"""openRound, enrol

given a model with an active version
  when its owner opens a round: it escrows the budget, records the terms and says so
  when a stranger opens one, or the base isn't active: it reverts with who or which
  when the terms break a rule: it reverts with what was given
given a round in enrolment
  when anyone enrols: it takes a seat; a second time it reverts AlreadyEnrolled
  when there is an allow-list: only who proves to be on it takes a seat
  when all seats are taken: enrolment is over
"""

import pytest
from brownie import chain
from conftest import ZERO, refused, word
from eth_abi import encode
from eth_utils import keccak

from registry.merkle import StandardTree

NOBODY = "0x" + "00" * 20
TERMS_TYPE = (
    "(bytes32,uint64,bytes32,bytes32,(uint8,int8,uint8,uint64),uint64,uint64,uint64,uint64,"
    "uint64,uint32,uint32,bytes32,uint64,address,uint256,uint128)"
)
ENROLMENT, COMMIT = 1, 2


def as_bytes(value):
    if isinstance(value, tuple):
        return tuple(as_bytes(v) for v in value)
    text = str(value)
    return bytes.fromhex(text[2:]) if text.startswith("0x") and len(text) == 66 else value


def test_it_escrows_the_budget_and_records_the_terms(
    rounds, pool, token, forfeits, roles, terms, model, web3
):
    made = terms()
    token.approve(rounds, 2 * 10**18, {"from": roles.owner})
    tx = rounds.openRound(made, {"from": roles.owner})
    preimage = encode(
        ["uint256", "address", "bytes32", "uint64"],
        [web3.eth.chain_id, rounds.address, as_bytes(model), 1],
    )
    round_id = "0x" + keccak(preimage).hex()
    assert rounds.roundIdOf(model, 1) == round_id
    event = tx.events["RoundOpened"]
    assert (event["roundId"], event["modelId"], event["number"]) == (round_id, model, 1)
    assert event["coordinator"] == roles.owner
    assert as_bytes(event["terms"][0]) == as_bytes(made[0])
    hashed = keccak(encode([TERMS_TYPE], [as_bytes(made)]))
    assert rounds.termsHashOf(round_id) == "0x" + hashed.hex()
    assert rounds.phaseOf(round_id) == ENROLMENT
    assert token.balanceOf(pool) == 10**18
    assert tx.events["BudgetEscrowed"]["funder"] == roles.owner
    assert token.balanceOf(forfeits) == 10**17
    assert tx.events["BondHeld"]["each"] == 5 * 10**16


def test_rounds_of_a_model_are_numbered(rounds, open_round, model):
    assert open_round() == rounds.roundIdOf(model, 1)
    assert open_round() == rounds.roundIdOf(model, 2)


def test_a_publisher_may_open_one_and_a_stranger_may_not(rounds, registry, roles, terms, model):
    free = {"rewardToken": NOBODY, "rewardBudget": 0}
    registry.addPublisher(model, roles.publisher, {"from": roles.owner})
    tx = rounds.openRound(terms(**free), {"from": roles.publisher})
    assert tx.events["RoundOpened"]["coordinator"] == roles.publisher
    with refused("NotPublisherOf", str(model), roles.stranger.address):
        rounds.openRound(terms(**free), {"from": roles.stranger})


def test_the_base_has_to_be_active(rounds, registry, roles, terms, model):
    with refused("BaseVersionNotActive", str(model), 9):
        rounds.openRound(terms(baseVersion=9), {"from": roles.owner})
    registry.yankVersion(model, 1, "bad", {"from": roles.owner})
    with refused("BaseVersionNotActive", str(model), 1):
        rounds.openRound(terms(), {"from": roles.owner})


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"minimumParticipants": 0}, ("InvalidParticipantRange", 0, 2)),
        ({"minimumParticipants": 3}, ("InvalidParticipantRange", 3, 2)),
        ({"strategy": ZERO}, ("InvalidStrategy",)),
        ({"lattice": (24, -16, 8, 0)}, ("InvalidLattice", 24, -16, 8)),
        ({"lattice": (32, -16, 1, 0)}, ("InvalidLattice", 32, -16, 1)),
        ({"lattice": (16, 21, 8, 0)}, ("InvalidLattice", 16, 21, 8)),
        ({"weightCap": 0}, ("WeightsTooLarge", 0, 2)),
        ({"weightCap": 2**38}, ("WeightsTooLarge", 2**38, 2)),
        ({"challengeWindow": 366 * 86400}, ("ChallengeWindowTooLong", 366 * 86400, 365 * 86400)),
        ({"challengeWindow": 0}, ("ChallengeWindowTooShort", 0, 1)),
        ({"forfeit": 5 * 10**16 - 1}, ("ForfeitTooSmall", 5 * 10**16 - 1, 5 * 10**16)),
        ({"rewardToken": NOBODY}, ("InvalidBudget", NOBODY, 10**18)),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else value[0],
)
def test_terms_that_break_a_rule_are_refused(rounds, roles, terms, changes, error):
    name, *arguments = error
    with refused(name, *arguments):
        rounds.openRound(terms(**changes), {"from": roles.owner})


def test_deadlines_have_to_ascend(rounds, roles, terms):
    late = chain[-1].timestamp + 5000
    made = terms(commitDeadline=late)
    with refused("DeadlinesNotAscending", 2, late, made[7]):
        rounds.openRound(made, {"from": roles.owner})


def test_a_seat_is_taken_once(rounds, roles, open_round):
    round_id = open_round()
    tx = rounds.enrol(round_id, [], {"from": roles.hospital})
    assert tx.events["ParticipantEnrolled"]["participant"] == roles.hospital
    assert rounds.isEnrolled(round_id, roles.hospital)
    assert rounds.commitmentOf(round_id, roles.hospital) == ZERO
    with refused("AlreadyEnrolled", round_id, roles.hospital.address):
        rounds.enrol(round_id, [], {"from": roles.hospital})


def test_all_seats_taken_ends_enrolment(rounds, roles, open_round):
    round_id = open_round()
    rounds.enrol(round_id, [], {"from": roles.hospital})
    rounds.enrol(round_id, [], {"from": roles.clinic})
    with refused("WrongPhase", round_id, ENROLMENT, COMMIT):
        rounds.enrol(round_id, [], {"from": roles.stranger})


def test_an_allow_list_lets_in_who_is_on_it(rounds, roles, open_round):
    allowed = [[roles.hospital.address], [roles.clinic.address]]
    tree = StandardTree(allowed, ["address"])
    round_id = open_round(allowListRoot="0x" + tree.root.hex())
    rounds.enrol(round_id, tree.proof(0), {"from": roles.hospital})
    with refused("NotOnAllowList", round_id, roles.stranger.address):
        rounds.enrol(round_id, tree.proof(1), {"from": roles.stranger})
    with refused("NotOnAllowList", round_id, roles.clinic.address):
        rounds.enrol(round_id, [], {"from": roles.clinic})


def test_a_round_that_is_not_there_is_unknown(rounds, roles):
    with refused("UnknownRound", word(5)):
        rounds.enrol(word(5), [], {"from": roles.hospital})
    with refused("UnknownRound", word(5)):
        rounds.voidRound(word(5), {"from": roles.owner})
