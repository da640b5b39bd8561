"""A coordinator that comes to nothing pays who revealed (R-11): on a real Anvil.

given a round with a bond in which enough revealed
  when it is voided at its proposal deadline: each of them collects, once, whoever asks
  when the result is final, or too few revealed: the coordinator has its bond back
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from chain_parties import ChainScenario, TurnedClock
from deployed_scenario import DeployedScenario
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.chain.bindings.structs import Lattice, Result, RoundTerms
from registry.chain.bindings.structs import Opening as OpeningStruct
from registry.documents.batch_entries import Opening, commitment_of
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.documents.labels import label_word
from registry.errors import ConfigError
from registry.signing import LocalSigner
from registry.types import ZERO_ID

EACH = 700


class Bonded:
    """An owner with an open round for three, and a forfeit for each."""

    def __init__(self, place: ChainScenario) -> None:
        self.place, self.clock = place, TurnedClock(place.gateway)
        self.owner = place.client(OWNER)
        self.token = self.owner.connection.deployment.address("RewardToken")
        model = self.owner.register("bonded")
        content = (b"\x08" * 32, 0x70)
        self.owner.connection.contracts["ModelRegistry"].write(
            "publishVersion", model.model_id, 1, content, [], ZERO_ID, ZERO_ID
        )
        now = self.clock.now()
        enrolment, commit, reveal, proposal = (now + 1_000 * step for step in range(1, 5))
        terms = RoundTerms(
            model.model_id, 1, label_word("fedavg", "strategy"), b"\x09" * 32,
            Lattice(16, -12, 8, 0), enrolment, commit, reveal, proposal,
            500, 2, 3, ZERO_ID, 100, self.token, 0, EACH,
        )  # fmt: skip
        self.before = self.held(OWNER.address)
        self.round_id = self.owner.rounds.open(terms, self.token, 3 * EACH)

    def held(self, who: str) -> int:
        """What an account has of the token."""
        data = "0x70a08231" + who[2:].rjust(64, "0")
        call = {"to": self.token, "data": data}
        found = self.owner.connection.gateway.call_data("eth_call", [call, "latest"])
        return int.from_bytes(found, "big")

    def until(self, deadline: str) -> None:
        """Brings the round to one of its deadlines."""
        self.clock.wait_until(getattr(self.owner.rounds.record(self.round_id).terms, deadline))

    def opened(self, who: LocalSigner) -> Opening:
        """What everybody's commitment opens to."""
        return Opening(who.address, b"\x01" * 32, b"\x02" * 32, 10, b"\x03" * 32)

    def reveal(self, *others: LocalSigner) -> None:
        """The hospital reveals what it committed to itself, the others in a batch."""
        domain = self.owner.connection.rounds_domain()
        hospital = self.place.client(HOSPITAL).rounds
        hospital.enrol(self.round_id, [])
        if others:
            made = [
                sign_commitment(
                    who,
                    domain,
                    self.round_id,
                    commitment_of(domain, self.round_id, self.opened(who)),
                )
                for who in others
            ]
            self.owner.batches.commit(CommitmentBatch.of(self.round_id, made))
        self.until("enrolment_deadline")
        mine = self.opened(HOSPITAL)
        hospital.commit(self.round_id, commitment_of(domain, self.round_id, mine))
        self.until("commit_deadline")
        opening = OpeningStruct(mine.update_root, mine.content_digest, mine.weight, mine.salt)
        hospital.reveal(self.round_id, HOSPITAL.address, opening)
        if others:
            reveals = [self.opened(who) for who in others]
            self.owner.batches.reveal(RevealBatch.of(self.round_id, 0, reveals))


@pytest.fixture
def bonded(world: DeployedScenario, tmp_path: Path) -> Iterator[Bonded]:
    """A bonded round on the session's chain; what a test does to it is undone."""
    snapshot = world.gateway.request("evm_snapshot", [])
    with ChainScenario(
        world.gateway, world.deployments, str(tmp_path / "blobs"), tmp_path
    ) as place:
        yield Bonded(place)
    world.gateway.request("evm_revert", [snapshot])


def test_a_coordinator_that_proposes_nothing_pays_everybody_that_revealed(bonded: Bonded) -> None:
    bonded.reveal(PUBLISHER)
    assert bonded.held(OWNER.address) == bonded.before - 3 * EACH
    bonded.until("proposal_deadline")
    stranger = bonded.place.client(STRANGER)
    with pytest.raises(ConfigError, match="a bond that is held"):
        stranger.forfeits.collect(bonded.round_id, HOSPITAL.address)
    stranger.rounds.void(bonded.round_id)
    for who in (HOSPITAL, PUBLISHER):
        had = bonded.held(who.address)
        for _ in range(2):
            assert stranger.forfeits.collect(bonded.round_id, who.address) == EACH
        assert bonded.held(who.address) - had == EACH
    with pytest.raises(ConfigError, match="expected a participant that revealed"):
        stranger.forfeits.collect(bonded.round_id, STRANGER.address)
    bond = stranger.forfeits.bond(bonded.round_id)
    assert bond is not None
    assert (bond.state, bond.left) == ("forfeited", EACH)


def test_a_coordinator_whose_result_is_final_has_its_bond_back(bonded: Bonded) -> None:
    bonded.reveal(PUBLISHER)
    bonded.until("reveal_deadline")
    result = Result(b"\x01" * 32, b"\x02" * 32, b"\x03" * 32, 2, 20)
    bonded.owner.rounds.propose(bonded.round_id, result)
    bonded.clock.wait_until(bonded.clock.now() + 500)
    bonded.owner.rounds.finalise(bonded.round_id)
    assert bonded.held(OWNER.address) == bonded.before


def test_a_round_that_fell_short_gives_the_bond_back(bonded: Bonded) -> None:
    bonded.reveal()
    bonded.owner.rounds.void(bonded.round_id)
    assert bonded.held(OWNER.address) == bonded.before
    with pytest.raises(ConfigError, match="a bond that is withdrawn"):
        bonded.owner.forfeits.collect(bonded.round_id, HOSPITAL.address)
