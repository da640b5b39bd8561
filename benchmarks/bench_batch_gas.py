"""Gas of a round's commitments and reveals: every participant by itself, and in one batch (R-5).

Run from the repository's root: `python benchmarks/bench_batch_gas.py [--participants 10 100]`.
Both ways are measured in the same run on a fresh Anvil; opening the round costs the same in both
and is left out. The last line is what it costs one participant to do without the coordinator.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.addresses import ZERO_ADDRESS
from registry.chain.contracts import Contract
from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.gateway import Gateway, connect
from registry.chain.transactions import TransactionSender
from registry.devnet.chains import start_anvil
from registry.devnet.network import DEV_KEYS
from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.documents.labels import label_word
from registry.signing import Domain, LocalSigner, rounds_domain
from registry.types import ZERO_ID


@dataclass
class Field:
    """A deployment with one model, its owner's contracts, and signers that have ether."""

    gateway: Gateway
    work: Path
    contracts: dict[str, Contract]
    model_id: bytes

    @classmethod
    def deployed(cls, url: str, work: Path) -> Field:
        """Deploys the contracts and registers a model with a version."""
        gateway, owner = connect(url), LocalSigner.from_key(DEV_KEYS[0])
        sender = TransactionSender(gateway, owner, work)
        made = deploy(gateway, SenderExecutor(sender), work, Parameters(activation_delay=0))
        contracts = {n: Contract(n, made.address(n), gateway, sender) for n in made.contracts}
        registry = contracts["ModelRegistry"]
        registry.write("register", "bench", 0, ZERO_ID)
        model_id = registry.read("modelIdOf", owner.address, "bench")
        content = (b"\x08" * 32, 0x70)
        registry.write("publishVersion", model_id, 1, content, [], ZERO_ID, ZERO_ID)
        return cls(gateway, work, contracts, model_id)

    @property
    def rounds(self) -> Contract:
        """TrainingRounds as the owner sees it."""
        return self.contracts["TrainingRounds"]

    @property
    def domain(self) -> Domain:
        """What signatures bind."""
        return rounds_domain(self.gateway.chain_id, self.rounds.address)

    def people(self, count: int) -> list[LocalSigner]:
        """Signers with ether."""
        found = [LocalSigner.from_key((1_000 + i).to_bytes(32, "big")) for i in range(count)]
        for signer in found:
            self.gateway.request("anvil_setBalance", [signer.address, hex(10**20)])
        return found

    def as_seen_by(self, signer: LocalSigner) -> Contract:
        """TrainingRounds as a participant sees it."""
        sender = TransactionSender(self.gateway, signer, self.work)
        return Contract("TrainingRounds", self.rounds.address, self.gateway, sender)

    def open(self, number: int, seats: int) -> bytes:
        """Opens the model's round of that number and returns its id."""
        now = self.gateway.timestamp()
        deadlines = [now + 10_000 * step for step in range(1, 5)]
        lattice, name = (16, -12, 8, 0), label_word("fedavg", "strategy")
        terms: tuple[Any, ...] = (self.model_id, 1, name, b"\x09" * 32, lattice, *deadlines)
        terms += (500, 1, seats, ZERO_ID, 1_000, ZERO_ADDRESS, 0, 0)
        self.rounds.write("openRound", terms)
        round_id: bytes = self.rounds.read("roundIdOf", self.model_id, number)
        return round_id

    def to_reveal(self) -> None:
        """Brings the newest round to its reveals: nothing that is said of batches ends a phase."""
        self.gateway.request("evm_increaseTime", [20_000])
        self.gateway.request("evm_mine", [])


def opened(signer: LocalSigner) -> Opening:
    """What a participant's commitment opens to; words without zero bytes, as digests are."""
    return Opening(signer.address, b"\x41" * 32, b"\x42" * 32, 600, b"\x43" * 32)


def direct(field: Field, round_id: bytes, people: list[LocalSigner]) -> int:
    """Returns the gas of everybody's own enrolment, commitment and reveal."""
    total, seen = 0, [field.as_seen_by(signer) for signer in people]
    for rounds in seen:
        total += rounds.write("enrol", round_id, []).gas_used
    for signer, rounds in zip(people, seen, strict=True):
        made = commitment_of(field.domain, round_id, opened(signer))
        total += rounds.write("commit", round_id, made).gas_used
    for signer, rounds in zip(people, seen, strict=True):
        words = ("update_root", "content_digest", "weight", "salt")
        opening = tuple(getattr(opened(signer), word) for word in words)
        total += rounds.write("reveal", round_id, signer.address, opening).gas_used
    return total


def batched(field: Field, round_id: bytes, people: list[LocalSigner]) -> int:
    """Returns the gas of one batch of commitments and one of reveals."""
    batch, reveals = documents(field, round_id, people)
    count = len(people)
    commit = field.rounds.write("commitBatch", round_id, batch.root, count, batch.digest)
    field.to_reveal()
    reveal = field.rounds.write("revealBatch", round_id, 0, reveals.root, count, reveals.digest)
    return int(commit.gas_used + reveal.gas_used)


def by_proof(field: Field, round_id: bytes, people: list[LocalSigner]) -> int:
    """Returns the gas of one participant's own reveal from a batch."""
    batch, _ = documents(field, round_id, people)
    field.rounds.write("commitBatch", round_id, batch.root, len(people), batch.digest)
    field.to_reveal()
    alone = opened(people[-1])
    opening = (alone.update_root, alone.content_digest, alone.weight, alone.salt)
    rounds, proof = field.as_seen_by(people[-1]), batch.proof(alone.participant)
    entry = batch.find(alone.participant)
    signed = b"" if entry is None else entry.signature_hash
    who = alone.participant
    receipt = rounds.write("revealFromBatch", round_id, 0, who, opening, signed, proof)
    return int(receipt.gas_used)


def documents(
    field: Field, round_id: bytes, people: list[LocalSigner]
) -> tuple[CommitmentBatch, RevealBatch]:
    """Returns the signed batch and its reveals."""
    entries = []
    for signer in people:
        made = commitment_of(field.domain, round_id, opened(signer))
        entries.append(sign_commitment(signer, field.domain, round_id, made))
    batch = CommitmentBatch.of(round_id, entries)
    return batch, RevealBatch.of(round_id, 0, [opened(signer) for signer in people])


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--smoke", action="store_true", help="on little, in seconds")
    chosen = parser.parse_args()
    if chosen.smoke:
        chosen.participants = [3]
    with start_anvil() as chain, tempfile.TemporaryDirectory() as work:
        field, number = Field.deployed(chain.url, Path(work)), 0
        print(f"{'participants':>12}{'direct, each':>14}{'batch, each':>13}{'direct / batch':>16}")
        for count in chosen.participants:
            people, gas = field.people(count), []
            for way in (direct, batched, by_proof):
                number += 1
                gas.append(way(field, field.open(number, count), people))
            each = gas[0] / count, gas[1] / count
            print(f"{count:>12}{each[0]:>14,.0f}{each[1]:>13,.0f}{gas[0] / gas[1]:>16.1f}")
            print(f"{'':>12}  one reveal by proof from that batch: {gas[2]:,}")


if __name__ == "__main__":
    main()
