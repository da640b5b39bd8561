"""reveal, revealFromBatch, revealBatch

given a round in its reveal phase
  when anyone opens a commitment: the update is revealed for the participant that it binds
  when the opening is another, for another, too early, too late or a second time: it reverts
  when the weight is out of range: it reverts WeightOutOfRange
given a batch
  when anyone opens one of its leaves: the update is revealed
  when the coordinator posts the batch's reveals: they count, once, up to the batch's seats
  when a participant has a direct seat: the batch reveals nothing of it
  when a leaf's signature is none: anyone strikes the batch
"""

import pytest
from conftest import ZERO, opening, reach, refused, word

from registry.hashing import keccak256 as keccak
from registry.merkle import StandardTree

COMMIT, REVEAL, PROPOSAL = 2, 3, 4
SIGNED = bytes(31) + b"\x09"  # the hash of what was signed, which strikes alone look at


@pytest.fixture
def tree(rounds, roles):
    """Returns a function that commits the hospital and the clinic of a round to one root."""

    def make(round_id):
        leaves = []
        for who, seed in ((roles.hospital, 1), (roles.clinic, 2)):
            commitment = rounds.commitmentFor(round_id, who, opening(seed))
            leaves.append([who.address, bytes.fromhex(str(commitment)[2:]), SIGNED])
        return StandardTree(leaves, ["address", "bytes32", "bytes32"])

    return make


@pytest.fixture
def direct(rounds, roles, open_round):
    """A round in its reveal phase; hospital and clinic hold a seat, the hospital committed."""
    round_id = open_round()
    for who in (roles.hospital, roles.clinic):
        rounds.enrol(round_id, [], {"from": who})
    commitment = rounds.commitmentFor(round_id, roles.hospital, opening(1))
    rounds.commit(round_id, commitment, {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[3])
    return round_id


@pytest.fixture
def batched(rounds, roles, tree, open_round):
    """A round in its reveal phase, with hospital and clinic in a batch; and the batch's tree."""
    round_id = open_round(maximumParticipants=3)
    made = tree(round_id)
    root = "0x" + made.root.hex()
    rounds.commitBatch(round_id, root, 2, word(6), {"from": roles.owner})
    reach(rounds.roundOf(round_id)[3])
    return round_id, made


def test_anyone_who_knows_the_opening_reveals_for_who_committed(rounds, roles, direct):
    root, content, weight, salt = opening(1)
    tx = rounds.reveal(direct, roles.hospital, opening(1), {"from": roles.stranger})
    event = tx.events["UpdateRevealed"]
    assert event["participant"] == roles.hospital
    assert (event["updateRoot"], event["contentDigest"]) == (root, content)
    assert (event["weight"], event["salt"]) == (weight, salt)
    assert rounds.revealOf(direct, roles.hospital) != ZERO
    assert rounds.phaseOf(direct) == PROPOSAL


def test_t16_another_opening_is_refused(rounds, roles, direct):
    committed = rounds.commitmentOf(direct, roles.hospital)
    opened = rounds.commitmentFor(direct, roles.hospital, opening(2))
    with refused("CommitmentMismatch", direct, roles.hospital.address, committed, opened):
        rounds.reveal(direct, roles.hospital, opening(2), {"from": roles.hospital})


def test_t16_without_a_commitment_there_is_nothing_to_reveal(rounds, roles, direct):
    for who in (roles.clinic, roles.stranger):
        with refused("NotCommitted", direct, who.address):
            rounds.reveal(direct, who, opening(1), {"from": who})


def test_t16_a_reveal_outside_its_phase_is_refused(rounds, roles, open_round):
    round_id = open_round()
    rounds.enrol(round_id, [], {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[1])
    commitment = rounds.commitmentFor(round_id, roles.hospital, opening(1))
    rounds.commit(round_id, commitment, {"from": roles.hospital})
    with refused("WrongPhase", round_id, REVEAL, COMMIT):
        rounds.reveal(round_id, roles.hospital, opening(1), {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[4])
    with refused("WrongPhase", round_id, REVEAL, PROPOSAL):
        rounds.reveal(round_id, roles.hospital, opening(1), {"from": roles.hospital})


@pytest.mark.parametrize("weight", [0, 1001, 2**64 - 1])
def test_t29_a_lying_weight_is_refused(rounds, roles, open_round, weight):
    round_id = open_round()
    rounds.enrol(round_id, [], {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[1])
    lying = opening(1, weight)
    commitment = rounds.commitmentFor(round_id, roles.hospital, lying)
    rounds.commit(round_id, commitment, {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[3])
    with refused("WeightOutOfRange", weight, 1000):
        rounds.reveal(round_id, roles.hospital, lying, {"from": roles.hospital})


def test_a_leaf_of_a_batch_is_revealed_by_proof_once(rounds, roles, batched):
    round_id, tree = batched
    by = {"from": roles.stranger}
    rounds.revealFromBatch(round_id, 0, roles.hospital, opening(1), SIGNED, tree.proof(0), by)
    assert rounds.revealOf(round_id, roles.hospital) != ZERO
    with refused("AlreadyRevealed", round_id, roles.hospital.address):
        rounds.revealFromBatch(round_id, 0, roles.hospital, opening(1), SIGNED, tree.proof(0), by)


def test_t18_what_is_not_in_the_batch_is_refused(rounds, roles, batched):
    round_id, tree = batched
    by = {"from": roles.clinic}
    for participant, seed, proof in (
        (roles.stranger, 1, tree.proof(0)),
        (roles.hospital, 2, tree.proof(0)),
        (roles.hospital, 1, tree.proof(1)),
        (roles.hospital, 1, []),
    ):
        with refused("NotInBatch", round_id, 0, participant.address):
            rounds.revealFromBatch(round_id, 0, participant, opening(seed), SIGNED, proof, by)
    with refused("UnknownBatch", round_id, 1):
        rounds.revealFromBatch(round_id, 1, roles.hospital, opening(1), SIGNED, tree.proof(0), by)


def test_a_direct_seat_is_revealed_from_no_batch(rounds, roles, tree, open_round):
    round_id = open_round(maximumParticipants=4)
    rounds.enrol(round_id, [], {"from": roles.hospital})
    made = tree(round_id)
    rounds.commitBatch(round_id, "0x" + made.root.hex(), 2, word(6), {"from": roles.owner})
    reach(rounds.roundOf(round_id)[3])
    by = {"from": roles.stranger}
    with refused("SeatedDirectly", round_id, roles.hospital.address):
        rounds.revealFromBatch(round_id, 0, roles.hospital, opening(1), SIGNED, made.proof(0), by)
    rounds.revealFromBatch(round_id, 0, roles.clinic, opening(2), SIGNED, made.proof(1), by)


def test_a_batch_whose_signature_is_none_is_struck(rounds, roles, tree, open_round):
    round_id = open_round(maximumParticipants=4)
    signature = b"no signature"
    commitment = rounds.commitmentFor(round_id, roles.hospital, opening(1))
    leaf = [roles.hospital.address, bytes.fromhex(str(commitment)[2:]), keccak(signature)]
    root = "0x" + StandardTree([leaf], ["address", "bytes32", "bytes32"]).root.hex()
    rounds.commitBatch(round_id, root, 1, word(6), {"from": roles.owner})
    by = {"from": roles.stranger}
    tx = rounds.strikeBatch(round_id, 0, roles.hospital, commitment, signature, [], by)
    assert tx.events["BatchStruck"]["participant"] == roles.hospital
    with refused("BatchIsStruck", round_id, 0):
        rounds.strikeBatch(round_id, 0, roles.hospital, commitment, signature, [], by)
    assert rounds.roundOf(round_id)[9] == 0


def test_a_batch_is_revealed_once_and_by_its_coordinator(rounds, roles, batched):
    round_id, _ = batched
    with refused("NotCoordinator", round_id, roles.stranger.address, roles.owner.address):
        rounds.revealBatch(round_id, 0, word(5), 1, word(6), {"from": roles.stranger})
    for root, count in ((ZERO, 1), (word(5), 0)):
        with refused("EmptyBatch"):
            rounds.revealBatch(round_id, 0, root, count, word(6), {"from": roles.owner})
    with refused("UnknownBatch", round_id, 1):
        rounds.revealBatch(round_id, 1, word(5), 1, word(6), {"from": roles.owner})
    tx = rounds.revealBatch(round_id, 0, word(5), 1, word(6), {"from": roles.owner})
    event = tx.events["BatchRevealed"]
    assert (event["batch"], event["root"], event["count"]) == (0, word(5), 1)
    with refused("BatchAlreadyRevealed", round_id, 0):
        rounds.revealBatch(round_id, 0, word(5), 1, word(6), {"from": roles.owner})


def test_t16_whom_a_batch_of_reveals_leaves_out_reveals_by_proof_after_it(rounds, roles, batched):
    round_id, tree = batched
    rounds.revealBatch(round_id, 0, word(5), 1, word(6), {"from": roles.owner})
    by = {"from": roles.hospital}
    tx = rounds.revealFromBatch(round_id, 0, roles.hospital, opening(1), SIGNED, tree.proof(0), by)
    assert tx.events["UpdateRevealed"]["participant"] == roles.hospital
    assert tx.events["RevealedFromBatch"]["batch"] == 0
    assert rounds.roundOf(round_id)[12] == 2


def test_t16_posted_reveals_that_fill_a_batch_refuse_no_proof(rounds, roles, batched):
    round_id, tree = batched
    rounds.revealBatch(round_id, 0, word(5), 2, word(6), {"from": roles.owner})
    assert rounds.phaseOf(round_id) == REVEAL
    by = {"from": roles.hospital}
    rounds.revealFromBatch(round_id, 0, roles.hospital, opening(1), SIGNED, tree.proof(0), by)
    assert rounds.roundOf(round_id)[12] == 2  # no more than the batch holds


def test_t16_a_batch_reveals_no_more_than_its_seats(rounds, roles, batched):
    round_id, _ = batched
    with refused("TooManyReveals", 3, 2):
        rounds.revealBatch(round_id, 0, word(5), 3, word(6), {"from": roles.owner})
