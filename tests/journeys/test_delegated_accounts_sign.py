"""Accounts that delegated to code (EIP-7702) take part by their keys: on a real Anvil of Prague.

given a participant that delegated its account to code that is no wallet
  when its key signs a commitment: anyone sends it, a batch takes it, and nobody strikes that batch
given one that delegated to a wallet that says no
  when its key signs: nobody commits for it; a batch that it stands in stands all the same
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario, TurnedClock
from eth_account import Account
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.structs import Lattice, RoundTerms
from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch
from registry.documents.labels import label_word
from registry.errors import Reverted
from registry.types import ZERO_ID

COMMITMENT = b"\x44" * 32
SAYS_NO = "0x60205ff3"  # one word of zeros, whatever is asked
WALLET = "0x00000000000000000000000000000000000C0De2"


@pytest.fixture
def place(tmp_path: Path) -> Iterator[ChainScenario]:
    """A deployment on a chain that knows delegations, with funded parties."""
    with start_anvil(0, 31337, 3, hardfork="prague") as chain:
        gateway = connect(chain.url)
        for who in (OWNER, HOSPITAL, STRANGER):
            gateway.request("anvil_setBalance", [who.address, hex(10**20)])
        gateway.request("anvil_setCode", [WALLET, SAYS_NO])
        with ChainScenario.deployed(gateway, OWNER, tmp_path) as made:
            yield made


def delegate(place: ChainScenario, target: str) -> None:
    """Sends the hospital's own delegation to some code."""
    gateway, key = place.gateway, HOSPITAL.private_key()
    nonce = int(gateway.request("eth_getTransactionCount", [HOSPITAL.address, "latest"]), 16)
    chosen = {"chainId": gateway.chain_id, "address": target, "nonce": nonce + 1}
    transaction: dict[str, Any] = {
        "type": 4,
        "chainId": gateway.chain_id,
        "nonce": nonce,
        "gas": 200_000,
        "maxFeePerGas": 10**11,
        "maxPriorityFeePerGas": 10**9,
        "to": HOSPITAL.address,
        "value": 0,
        "data": b"",
        "authorizationList": [Account.sign_authorization(chosen, key)],
    }
    raw = Account.sign_transaction(transaction, key).raw_transaction
    gateway.request("eth_sendRawTransaction", ["0x" + raw.hex().removeprefix("0x")])
    code = gateway.call_data("eth_getCode", [HOSPITAL.address, "latest"])
    assert code.hex() == "ef0100" + target[2:].lower()


def opened(place: ChainScenario, slug: str) -> bytes:
    """Opens a round for three; the hospital has a seat, and commits are taken."""
    owner = place.client(OWNER)
    model = owner.register(slug)
    owner.connection.contracts["ModelRegistry"].write(
        "publishVersion", model.model_id, 1, (b"\x08" * 32, 0x70), [], ZERO_ID, ZERO_ID
    )
    now = place.gateway.timestamp()
    enrolment, commit, reveal, proposal = (now + 1_000 * step for step in range(1, 5))
    terms = RoundTerms(
        model.model_id, 1, label_word("fedavg", "strategy"), b"\x09" * 32, Lattice(16, -12, 8, 0),
        enrolment, commit, reveal, proposal,
        500, 1, 3, ZERO_ID, 100, ZERO_ADDRESS, 0, 0,
    )  # fmt: skip
    return owner.rounds.open(terms, ZERO_ADDRESS, 0)


def committed(place: ChainScenario, round_id: bytes) -> None:
    """The hospital enrols, and a stranger commits for it by its key's signature."""
    place.client(HOSPITAL).rounds.enrol(round_id, [])
    stranger = place.client(STRANGER)
    terms = stranger.rounds.record(round_id).terms
    TurnedClock(place.gateway).wait_until(terms.enrolment_deadline)
    domain = stranger.connection.rounds_domain()
    entry = sign_commitment(HOSPITAL, domain, round_id, COMMITMENT)
    stranger.connection.contracts["TrainingRounds"].write(
        "commitFor", round_id, HOSPITAL.address, COMMITMENT, entry.signature
    )


def batched(place: ChainScenario, round_id: bytes) -> None:
    """The hospital stands in a batch by its key's signature, and nobody strikes it."""
    owner = place.client(OWNER)
    entry = sign_commitment(HOSPITAL, owner.connection.rounds_domain(), round_id, COMMITMENT)
    batch = CommitmentBatch.of(round_id, [entry])
    assert owner.batches.commit(batch) == 0
    stranger = place.client(STRANGER)
    assert stranger.batches.strike_forged(round_id) == []
    with pytest.raises(Reverted, match="signed that, so the batch stands"):
        stranger.connection.contracts["TrainingRounds"].write(
            "strikeBatch", round_id, 0, HOSPITAL.address, COMMITMENT, entry.signature, []
        )


def test_who_delegated_to_code_that_is_no_wallet_signs_by_its_key(place: ChainScenario) -> None:
    delegate(place, place.client(OWNER).connection.contracts["ModelRegistry"].address)
    first, second = opened(place, "first"), opened(place, "second")
    batched(place, second)
    committed(place, first)
    assert place.client(OWNER).rounds.record(first).commitments == {HOSPITAL.address: COMMITMENT}


def test_a_wallet_that_says_no_means_no_but_ends_no_batch(place: ChainScenario) -> None:
    delegate(place, WALLET)
    first, second = opened(place, "first"), opened(place, "second")
    batched(place, second)
    with pytest.raises(Reverted, match="the signature isn't"):
        committed(place, first)
