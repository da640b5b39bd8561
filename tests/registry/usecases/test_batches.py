"""Batches of signed updates: documents, signatures, and posting them to a real chain (R-5)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario, TurnedClock
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.structs import Lattice, RoundTerms
from registry.client import RegistryClient
from registry.documents.batch_entries import (
    LONGEST_SIGNATURE,
    Opening,
    SignedCommitment,
    commitment_of,
)
from registry.documents.batch_signatures import check_commitments, check_signature, sign_commitment
from registry.documents.batches import LARGEST_BATCH, MOST_IN_BATCH, CommitmentBatch, RevealBatch
from registry.documents.canonical_json import canonical
from registry.documents.labels import label_word
from registry.errors import (
    BlobNotFound,
    ConfigError,
    Reverted,
    RoundError,
    SignatureInvalid,
    TallystickError,
)
from registry.hashing import keccak256
from registry.merkle import verify
from registry.signing import LocalSigner, rounds_domain
from registry.storage import RAW, Cid
from registry.types import ZERO_ID

ROUND = b"\x07" * 32
DOMAIN = rounds_domain(31_337, "0x00000000000000000000000000000000000000a2")
PEOPLE = (PUBLISHER, HOSPITAL, STRANGER)
# Runtime code that answers isValidSignature with its magic value, or reverts, whatever is asked.
ACCEPTS_ALL = "0x631626ba7e60e01b60005260206000f3"
REVERTS = "0x60006000fd"


def opened(signer: LocalSigner, weight: int = 10) -> Opening:
    """What a signer's commitment opens to."""
    return Opening(signer.address, b"\x04" * 32, b"\x05" * 32, weight, b"\x06" * 32)


def signed(signer: LocalSigner, round_id: bytes = ROUND, domain: Any = DOMAIN) -> SignedCommitment:
    """A signer's entry."""
    made = commitment_of(domain, round_id, opened(signer))
    return sign_commitment(signer, domain, round_id, made)


def batch_of(round_id: bytes = ROUND, domain: Any = DOMAIN) -> CommitmentBatch:
    """Everybody's batch."""
    return CommitmentBatch.of(round_id, [signed(person, round_id, domain) for person in PEOPLE])


def reveals_of(round_id: bytes = ROUND, batch: int = 0) -> RevealBatch:
    """Everybody's reveals."""
    return RevealBatch.of(round_id, batch, [opened(person) for person in PEOPLE])


# documents


@pytest.mark.parametrize("made", [batch_of(), reveals_of()], ids=["commitments", "reveals"])
def test_a_document_reads_back_as_it_was_written(made: Any) -> None:
    assert type(made).parse(made.to_json()) == made
    assert canonical(json.loads(made.to_json())) == made.to_json()


def test_entries_stand_by_ascending_address_whatever_the_order_they_came_in() -> None:
    entries = [signed(person) for person in PEOPLE]
    assert CommitmentBatch.of(ROUND, entries[::-1]) == CommitmentBatch.of(ROUND, entries)
    numbers = [int(entry.participant, 16) for entry in batch_of().commitments]
    assert numbers == sorted(numbers)


def test_every_entry_has_a_proof_that_leads_to_the_root() -> None:
    batch = batch_of()
    for entry in batch.commitments:
        leaf = [entry.participant, entry.commitment, keccak256(entry.signature)]
        proof = batch.proof(entry.participant)
        assert verify(batch.root, ["address", "bytes32", "bytes32"], leaf, proof)
        assert not verify(batch.root, ["address", "bytes32"], [OWNER.address, leaf[1]], proof)
    assert batch.find(OWNER.address) is None
    with pytest.raises(ConfigError):
        batch.proof(OWNER.address)


def test_t18_the_root_of_reveals_is_no_root_of_commitments() -> None:
    assert reveals_of().root != batch_of().root
    changed = replace(
        reveals_of(), reveals=tuple(replace(r, weight=11) for r in reveals_of().reveals)
    )
    assert changed.root != reveals_of().root


BROKEN: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another format": lambda d: {**d, "format": "tallystick/batch/2"},
    "a field more": lambda d: {**d, "more": 1},
    "a field less": lambda d: {k: v for k, v in d.items() if k != "round"},
    "no entries": lambda d: {**d, "commitments": []},
    "no list": lambda d: {**d, "commitments": {}},
    "twice the same": lambda d: {**d, "commitments": d["commitments"][:1] * 2},
    "another order": lambda d: {**d, "commitments": d["commitments"][::-1]},
    "a short round": lambda d: {**d, "round": "0x07"},
    "no checksum": lambda d: _entry(d, participant=d["commitments"][0]["participant"].lower()),
    "no address": lambda d: _entry(d, participant="0x12"),
    "a short commitment": lambda d: _entry(d, commitment="0x12"),
    "the word of a seat": lambda d: _entry(d, commitment="0x" + "0" * 63 + "1"),
    "no signature": lambda d: _entry(d, signature="0x"),
    "half a byte": lambda d: _entry(d, signature="0x123"),
    "capital digits": lambda d: _entry(d, signature="0xAB"),
    "a long signature": lambda d: _entry(d, signature="0x" + "ab" * (LONGEST_SIGNATURE + 1)),
    "an entry with more": lambda d: _entry(d, weight=1),
}


def _entry(document: dict[str, Any], **changes: Any) -> dict[str, Any]:
    first, *rest = document["commitments"]
    return {**document, "commitments": [{**first, **changes}, *rest]}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_malformed_batch_document_is_refused(fault: str) -> None:
    with pytest.raises(ConfigError):
        CommitmentBatch.parse(canonical(BROKEN[fault](json.loads(batch_of().to_json()))))


@pytest.mark.parametrize(
    "changes",
    [{"weight": -1}, {"weight": 1 << 64}, {"weight": True}, {"weight": "10"}, {"salt": "0x1"}],
)
def test_a_malformed_reveal_is_refused(changes: dict[str, Any]) -> None:
    document = json.loads(reveals_of().to_json())
    document["reveals"][0].update(changes)
    with pytest.raises(ConfigError):
        RevealBatch.parse(canonical(document))


@pytest.mark.parametrize("number", [-1, 1 << 32, "0", True])
def test_a_batch_number_outside_the_contract_s_is_refused(number: Any) -> None:
    with pytest.raises(ConfigError):
        RevealBatch.parse(canonical({**json.loads(reveals_of().to_json()), "batch": number}))


def test_t34_the_largest_batch_fits_a_block_and_one_more_is_refused() -> None:
    entries = [
        SignedCommitment(
            LocalSigner.from_key((number + 1).to_bytes(32, "big")).address,
            b"\xff" * 32,
            b"\xff" * LONGEST_SIGNATURE,
        )
        for number in range(MOST_IN_BATCH + 1)
    ]
    assert len(CommitmentBatch.of(ROUND, entries[1:]).to_json()) <= LARGEST_BATCH
    with pytest.raises(ConfigError):
        CommitmentBatch.of(ROUND, entries)
    with pytest.raises(ConfigError):
        CommitmentBatch.parse(b" " * (LARGEST_BATCH + 1))


# signatures


def test_t14_a_signature_is_good_for_one_chain_contract_round_and_commitment() -> None:
    entry = signed(HOSPITAL)
    check_signature(DOMAIN, ROUND, entry)
    elsewhere = (
        (rounds_domain(1, DOMAIN.verifying_contract), ROUND, entry),
        (rounds_domain(31_337, OWNER.address), ROUND, entry),
        (DOMAIN, b"\x08" * 32, entry),
        (DOMAIN, ROUND, replace(entry, commitment=b"\x09" * 32)),
        (DOMAIN, ROUND, replace(entry, participant=OWNER.address)),
    )
    for domain, round_id, changed in elsewhere:
        with pytest.raises(SignatureInvalid):
            check_signature(domain, round_id, changed)


def test_t15_a_signature_has_one_form() -> None:
    entry = signed(HOSPITAL)
    raw = entry.signature
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    high = (order - int.from_bytes(raw[32:64], "big")).to_bytes(32, "big")
    for twin in (
        raw[:64] + bytes([raw[64] - 27]),
        raw[:32] + high + bytes([55 - raw[64]]),
        raw[:64],
        raw + b"\0",
        bytes(65),
    ):
        with pytest.raises(SignatureInvalid):
            check_commitments(DOMAIN, CommitmentBatch.of(ROUND, [replace(entry, signature=twin)]))


# on a chain


class Posted:
    """An owner with an open round for three."""

    def __init__(self, place: ChainScenario) -> None:
        self.place = place
        self.owner = place.client(OWNER)
        self.domain = self.owner.connection.rounds_domain()
        model = self.owner.register("batched")
        contract = self.owner.connection.contracts["ModelRegistry"]
        contract.write(
            "publishVersion", model.model_id, 1, (b"\x08" * 32, 0x70), [], ZERO_ID, ZERO_ID
        )
        now = place.gateway.timestamp()
        enrolment, commit, reveal, proposal = (now + 1_000 * step for step in range(1, 5))
        terms = RoundTerms(
            model.model_id, 1, label_word("fedavg", "strategy"), b"\x09" * 32,
            Lattice(16, -12, 8, 0), enrolment, commit, reveal, proposal,
            500, 1, 3, ZERO_ID, 100, ZERO_ADDRESS, 0, 0,
        )  # fmt: skip
        self.round_id = self.owner.rounds.open(terms, ZERO_ADDRESS, 0)

    def batch(self) -> CommitmentBatch:
        """Everybody's batch for this round."""
        return batch_of(self.round_id, self.domain)

    def to_reveal(self) -> None:
        """Brings the round to its reveals."""
        terms = self.owner.rounds.record(self.round_id).terms
        TurnedClock(self.place.gateway).wait_until(terms.commit_deadline)

    def client(self, who: LocalSigner) -> RegistryClient:
        """A party's client."""
        return self.place.client(who)


@pytest.fixture
def posted(world: DeployedScenario, tmp_path: Path) -> Iterator[Posted]:
    """A round on the session's chain, with a store of its own."""
    with ChainScenario(
        world.gateway, world.deployments, str(tmp_path / "blobs"), tmp_path
    ) as place:
        yield Posted(place)


def test_a_batch_is_stored_and_posted_once(posted: Posted) -> None:
    batch, batches = posted.batch(), posted.owner.batches
    assert [batches.commit(batch), batches.commit(batch)] == [0, 0]
    record = posted.owner.rounds.record(posted.round_id)
    assert [(b.root, b.count) for b in record.batches.values()] == [(batch.root, 3)]
    stored = posted.owner.connection.store.get_block(Cid(RAW, record.batches[0].document_digest))
    assert CommitmentBatch.parse(stored) == batch == batches.document(posted.round_id, 0)
    posted.to_reveal()
    for _ in range(2):
        batches.reveal(reveals_of(posted.round_id))
    record = posted.owner.rounds.record(posted.round_id)
    assert record.batches[0].revealed_root == reveals_of(posted.round_id).root
    assert record.revealed_count == 3


def test_t14_nothing_is_posted_with_one_bad_signature_among_good_ones(posted: Posted) -> None:
    batch = posted.batch()
    entries = list(batch.commitments)
    entries[1] = replace(entries[1], signature=entries[0].signature)
    with pytest.raises(SignatureInvalid, match=entries[1].participant):
        posted.owner.batches.commit(CommitmentBatch.of(posted.round_id, entries))
    assert posted.owner.rounds.record(posted.round_id).batches == {}


def test_erc_1271_contract_accounts_sign_for_themselves(posted: Posted) -> None:
    gateway, wallet = posted.place.gateway, "0x00000000000000000000000000000000000C0De1"
    entry = SignedCommitment(wallet, b"\x44" * 32, b"whatever it takes")
    batch = CommitmentBatch.of(posted.round_id, [entry])
    for code in ("0x", REVERTS):
        gateway.request("anvil_setCode", [wallet, code])
        with pytest.raises(SignatureInvalid):
            posted.owner.batches.commit(batch)
    gateway.request("anvil_setCode", [wallet, ACCEPTS_ALL])
    assert posted.owner.batches.commit(batch) == 0


def test_a_batch_with_a_forged_signature_is_struck_by_anyone(posted: Posted) -> None:
    batch = posted.batch()
    first, second, third = batch.commitments
    forged = CommitmentBatch.of(
        posted.round_id, [first, replace(second, signature=first.signature), third]
    )
    store, contracts = posted.owner.connection.store, posted.owner.connection.contracts
    digest = store.put_block(forged.to_json(), RAW).digest
    contracts["TrainingRounds"].write("commitBatch", posted.round_id, forged.root, 3, digest)
    stranger = posted.client(STRANGER).batches
    assert [stranger.strike_forged(posted.round_id) for _ in range(2)] == [[0], []]
    assert posted.owner.rounds.record(posted.round_id).standing == {}
    assert posted.owner.batches.commit(batch) == 1
    assert stranger.strike_forged(posted.round_id) == []


def test_a_key_that_delegated_to_code_that_is_no_wallet_still_signs(posted: Posted) -> None:
    batch = posted.batch()
    who, rounds = batch.commitments[0].participant, posted.owner.connection.contracts
    code = "0xef0100" + rounds["TrainingRounds"].address[2:].lower()  # EIP-7702: no ERC-1271 there
    posted.place.gateway.request("anvil_setCode", [who, code])
    assert posted.owner.batches.commit(batch) == 0
    assert posted.client(STRANGER).batches.strike_forged(posted.round_id) == []


def test_a_reveal_that_opens_nothing_is_not_posted(posted: Posted) -> None:
    posted.owner.batches.commit(posted.batch())
    for bad in (opened(OWNER), opened(HOSPITAL, 11)):
        with pytest.raises(RoundError):
            posted.owner.batches.reveal(RevealBatch.of(posted.round_id, 0, [bad]))
    assert posted.owner.rounds.record(posted.round_id).revealed_count == 0


def test_a_participant_reveals_by_a_proof_that_it_works_out_itself(posted: Posted) -> None:
    posted.owner.batches.commit(posted.batch())
    posted.to_reveal()
    mine = posted.client(HOSPITAL).batches
    for _ in range(2):
        mine.reveal_from(posted.round_id, 0, opened(HOSPITAL))
    assert set(posted.owner.rounds.record(posted.round_id).reveals) == {HOSPITAL.address}
    with pytest.raises(Reverted):
        posted.client(STRANGER).batches.reveal_from(posted.round_id, 0, opened(STRANGER, 11))


def test_only_the_coordinator_posts(posted: Posted) -> None:
    with pytest.raises(Reverted, match="isn't the round's coordinator"):
        posted.client(STRANGER).batches.commit(posted.batch())


def test_a_batch_without_its_document_is_of_no_use(posted: Posted) -> None:
    rounds = posted.owner.connection.contracts["TrainingRounds"]
    batch = posted.batch()
    rounds.write("commitBatch", posted.round_id, batch.root, 3, b"\x77" * 32)
    with pytest.raises(BlobNotFound):
        posted.owner.batches.document(posted.round_id, 0)
    with pytest.raises(ConfigError):
        posted.owner.batches.document(posted.round_id, 1)
    with pytest.raises(ConfigError):
        posted.owner.batches.document(b"\x01" * 32, 0)


def test_a_document_that_gives_another_root_is_refused(posted: Posted) -> None:
    rounds = posted.owner.connection.contracts["TrainingRounds"]
    digest = posted.owner.connection.store.put_block(posted.batch().to_json(), RAW).digest
    rounds.write("commitBatch", posted.round_id, b"\x33" * 32, 3, digest)
    with pytest.raises(TallystickError, match="another root"):
        posted.owner.batches.document(posted.round_id, 0)
