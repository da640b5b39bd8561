"""commit, commitFor, commitBatch

given a round in its commit phase and an enrolled participant
  when it commits: the commitment stays; a second one reverts AlreadyCommitted
  when anyone sends its signature: the commitment is taken, from an account or a contract wallet
  when the signature is of another place, round, account or form: it reverts InvalidSignature
  when the phase is another, or the sender has no seat: it reverts with both phases, or who
given a coordinator
  when it commits a batch: it takes the seats; beyond the maximum it reverts RoundFull
  when anyone else does: it reverts NotCoordinator
"""

import pytest
from brownie import ContractWallet
from conftest import ZERO, reach, refused, word
from eth_account import Account

from registry.signing import CommitmentStatement, Domain, LocalSigner, rounds_domain

KEY = bytes(30) + b"\x0a\x11"
CURVE = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
ENROLMENT, COMMIT, REVEAL = 1, 2, 3


@pytest.fixture
def signer():
    return LocalSigner.from_key(KEY)


@pytest.fixture
def holder(accounts, roles):
    """The account of the signer's key, with something to pay gas with."""
    account = accounts.add(KEY)
    assert account.address == Account.from_key(KEY).address
    roles.owner.transfer(account, 10**18)
    return account


@pytest.fixture
def round_id(rounds, roles, holder, open_round):
    """A round in its commit phase, with the holder and the hospital enrolled."""
    made = open_round(maximumParticipants=4)
    for who in (holder, roles.hospital):
        rounds.enrol(made, [], {"from": who})
    reach(rounds.roundOf(made)[1])
    return made


@pytest.fixture
def sign(rounds, signer, web3, round_id):
    """Signs the holder's commitment 7, with changes to what is signed."""

    def make(domain=None, **changes):
        at = domain or rounds_domain(web3.eth.chain_id, rounds.address)
        fields = {"round_id": round_id, "participant": signer.address, "commitment": word(7)}
        fields.update(changes)
        fields["round_id"] = bytes.fromhex(str(fields["round_id"])[2:])
        fields["commitment"] = bytes.fromhex(fields["commitment"][2:])
        return signer.sign_typed(at, CommitmentStatement(**fields))

    return make


def test_t16_the_first_commitment_stays(rounds, roles, round_id):
    tx = rounds.commit(round_id, word(7), {"from": roles.hospital})
    assert tx.events["UpdateCommitted"]["commitment"] == word(7)
    with refused("AlreadyCommitted", round_id, roles.hospital.address):
        rounds.commit(round_id, word(8), {"from": roles.hospital})
    assert rounds.commitmentOf(round_id, roles.hospital) == word(7)


def test_without_a_seat_nobody_commits(rounds, roles, round_id):
    with refused("NotEnrolled", round_id, roles.stranger.address):
        rounds.commit(round_id, word(7), {"from": roles.stranger})


@pytest.mark.parametrize("number", [0, 1])
def test_a_commitment_is_no_mark_of_the_contract(rounds, roles, round_id, number):
    with refused("InvalidCommitment", word(number)):
        rounds.commit(round_id, word(number), {"from": roles.hospital})


def test_t32_a_commit_before_or_after_its_phase_is_refused(rounds, roles, open_round):
    round_id = open_round()
    rounds.enrol(round_id, [], {"from": roles.hospital})
    with refused("WrongPhase", round_id, COMMIT, ENROLMENT):
        rounds.commit(round_id, word(7), {"from": roles.hospital})
    reach(rounds.roundOf(round_id)[3])
    with refused("WrongPhase", round_id, COMMIT, REVEAL):
        rounds.commit(round_id, word(7), {"from": roles.hospital})


def test_a_signed_commitment_may_be_sent_by_anyone(rounds, roles, round_id, holder, sign):
    tx = rounds.commitFor(round_id, holder, word(7), sign(), {"from": roles.stranger})
    assert tx.events["UpdateCommitted"]["participant"] == holder
    assert rounds.commitmentOf(round_id, holder) == word(7)
    with refused("AlreadyCommitted", round_id, holder.address):
        rounds.commitFor(round_id, holder, word(7), sign(), {"from": roles.stranger})


@pytest.mark.parametrize("place", ["chain", "contract", "name", "round", "participant", "value"])
def test_t14_a_signature_is_good_in_one_place(rounds, roles, round_id, holder, sign, web3, place):
    chain_id, here = web3.eth.chain_id, rounds.address
    signature = {
        "chain": lambda: sign(rounds_domain(chain_id + 1, here)),
        "contract": lambda: sign(rounds_domain(chain_id, roles.owner.address)),
        "name": lambda: sign(Domain("Tallystick ModelRegistry", "1", chain_id, here)),
        "round": lambda: sign(round_id=word(99)),
        "participant": lambda: sign(participant=roles.hospital.address),
        "value": lambda: sign(commitment=word(8)),
    }[place]()
    with refused("InvalidSignature", round_id, holder.address):
        rounds.commitFor(round_id, holder, word(7), signature, {"from": roles.stranger})


@pytest.mark.parametrize("form", ["high s", "v of 0 or 1", "compact", "empty", "zeros"])
def test_t15_a_signature_has_one_form(rounds, roles, round_id, holder, sign, form):
    good = sign()
    r, s, v = good[:32], int.from_bytes(good[32:64], "big"), good[64]
    other = {
        "high s": r + (CURVE - s).to_bytes(32, "big") + bytes([55 - v]),
        "v of 0 or 1": good[:64] + bytes([v - 27]),
        "compact": r + (s | (v - 27) << 255).to_bytes(32, "big"),
        "empty": b"",
        "zeros": bytes(64) + b"\x1b",
    }[form]
    with refused("InvalidSignature", round_id, holder.address):
        rounds.commitFor(round_id, holder, word(7), other, {"from": roles.stranger})


def test_a_contract_wallet_signs_by_its_owner(rounds, roles, signer, web3, open_round):
    wallet = ContractWallet.deploy(signer.address, {"from": roles.owner})
    round_id = open_round()
    roles.owner.transfer(signer.address, 10**18)
    wallet.execute(rounds, rounds.enrol.encode_input(round_id, []), {"from": signer.address})
    assert rounds.isEnrolled(round_id, wallet)
    reach(rounds.roundOf(round_id)[1])
    domain = rounds_domain(web3.eth.chain_id, rounds.address)

    def signed(who):
        raw_id = bytes.fromhex(str(round_id)[2:])
        statement = CommitmentStatement(raw_id, wallet.address, bytes.fromhex(word(7)[2:]))
        return who.sign_typed(domain, statement)

    with refused("InvalidSignature", round_id, wallet.address):
        stranger = LocalSigner.from_key(bytes(31) + b"\x05")
        rounds.commitFor(round_id, wallet, word(7), signed(stranger), {"from": roles.stranger})
    rounds.commitFor(round_id, wallet, word(7), signed(signer), {"from": roles.stranger})
    assert rounds.commitmentOf(round_id, wallet) == word(7)


def test_a_batch_takes_seats_up_to_the_maximum(rounds, roles, round_id):
    tx = rounds.commitBatch(round_id, word(5), 2, word(6), {"from": roles.owner})
    event = tx.events["BatchCommitted"]
    assert (event["batch"], event["root"], event["count"]) == (0, word(5), 2)
    assert event["documentDigest"] == word(6)
    assert rounds.batchOf(round_id, 0)[:3] == (word(5), ZERO, 2)
    with refused("RoundFull", round_id, 4):
        rounds.commitBatch(round_id, word(5), 1, word(6), {"from": roles.owner})


def test_a_batch_is_the_coordinators_and_not_empty(rounds, roles, round_id):
    with refused("NotCoordinator", round_id, roles.stranger.address, roles.owner.address):
        rounds.commitBatch(round_id, word(5), 1, word(6), {"from": roles.stranger})
    with refused("EmptyBatch"):
        rounds.commitBatch(round_id, word(5), 0, word(6), {"from": roles.owner})
    with refused("EmptyBatch"):
        rounds.commitBatch(round_id, ZERO, 1, word(6), {"from": roles.owner})
    reach(rounds.roundOf(round_id)[3])
    with refused("WrongPhase", round_id, COMMIT, REVEAL):
        rounds.commitBatch(round_id, word(5), 1, word(6), {"from": roles.owner})
