"""Journey: three data owners train together on a real chain, and are paid to the last unit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from chain_federation import BUDGET, MODEL, ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER, STRANGER

from registry.audit import audit, lineage
from registry.chain.token import balance_of
from registry.types import Phase
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.engines import run_in_process
from trainer.errors import Reason
from trainer.protocol.actions import RoundStep
from trainer.scoring import shares_of


@pytest.fixture
def federation(place: ChainScenario) -> Iterator[ChainFederation]:
    """A published model and three funded data owners; one thread, as tensors are small."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    made = ChainFederation(place, OWNER)
    made.publish_first()
    yield made
    torch.set_num_threads(threads)


def zero_signature(folder: Path) -> None:
    """Writes a signature of zeros into an update's statement."""
    path = folder / "statement.json"
    text = path.read_bytes()
    at = text.index(b'"signature":"0x') + 15
    path.write_bytes(text[:at] + b"0" * 130 + text[at + 130 :])


def claim_all(federation: ChainFederation) -> dict[str, int]:
    """Everybody claims with their own key; returns what the contract said it paid."""
    paid = {}
    for person in federation.people:
        client = federation.client_of(person)
        paid[person.address] = client.payouts.claim(
            client.model(MODEL), federation.token, person.address
        )
    return paid


def test_a_round_makes_a_version_and_pays_by_weight_to_the_last_unit(
    federation: ChainFederation,
) -> None:
    result = federation.round(federation.participants())
    assert result.document is not None
    assert result.version is not None
    assert result.version.number == 2
    weights = {p.address: 20 + 10 * i for i, p in enumerate(federation.people)}
    expected = shares_of(weights, BUDGET)
    assert result.document.shares == expected
    assert sum(expected.values()) == BUDGET
    assert claim_all(federation) == expected
    assert federation.balances() == expected
    assert set(claim_all(federation).values()) == {0}, "T-17: a second claim pays nothing"
    assert federation.balances() == expected
    distributor = federation.client.connection.contracts["PayoutDistributor"].address
    assert balance_of(federation.place.gateway, federation.token, distributor) == 0


def test_payouts_of_two_rounds_are_claimed_at_once_or_one_by_one(
    federation: ChainFederation,
) -> None:
    first = federation.round(federation.participants()).document
    early = federation.people[0]
    client = federation.client_of(early)
    client.payouts.claim(client.model(MODEL), federation.token, early.address)
    second = federation.round(federation.participants()).document
    assert first is not None
    assert second is not None
    paid = claim_all(federation)
    both = {a: first.shares[a] + second.shares[a] for a in first.shares}
    assert paid == {**both, early.address: second.shares[early.address]}
    assert federation.balances() == both


def test_a_bad_update_is_refused_with_its_reason_and_earns_nothing(
    federation: ChainFederation,
) -> None:
    result = federation.round(federation.participants(p2=zero_signature))
    document = result.document
    assert document is not None
    cheat = federation.people[2].address
    assert [(r.participant, r.reason) for r in document.refused] == [(cheat, Reason.SIGNATURE)]
    assert claim_all(federation)[cheat] == 0
    assert sum(federation.balances().values()) == BUDGET
    told = RegistryBoard(federation.place.client()).state(result.round_id)
    assert told.result is not None
    assert told.result.accepted == 2
    assert cheat in told.reveals


def test_t11_a_coordinator_that_is_replaced_midway_finishes_the_round(
    federation: ChainFederation,
) -> None:
    people = federation.participants()
    round_id = federation.coordinator("turn-0").open(federation.terms(), federation.document)
    for turn in range(1, 60):
        acted = [person.step(round_id).acted for person in people]
        # A new one each turn, with an empty folder: all it knows is on the chain.
        progress = federation.coordinator(f"turn-{turn}").step(round_id)
        if progress.next.step is RoundStep.LEAVE:
            break
        if not progress.acted and not any(acted):
            federation.clock.wait_until(progress.next.until)
    federation.coordinator("afterwards").run_round(round_id)
    assert len(federation.client.versions(MODEL)) == 2
    assert sum(claim_all(federation).values()) == BUDGET


def test_t11_participants_that_are_restarted_reveal_what_they_committed(
    federation: ChainFederation,
) -> None:
    coordinator = federation.coordinator()
    round_id = coordinator.open(federation.terms(), federation.document)
    for _ in range(2):
        for person in federation.participants():
            person.step(round_id)
    assert len(RegistryBoard(federation.client).state(round_id).commitments) == 3
    again = federation.participants()
    document = run_in_process(coordinator, again, federation.clock, round_id).document
    assert document is not None
    assert len(document.accepted) == 3


def test_r_6_a_voided_round_refunds_its_budget(federation: ChainFederation) -> None:
    before = balance_of(federation.place.gateway, federation.token, OWNER.address)
    result = federation.round([federation.participant(0)])
    assert result.document is None
    assert federation.client.round(MODEL).phase_at(federation.clock.now()) is Phase.VOIDED
    assert balance_of(federation.place.gateway, federation.token, OWNER.address) == before
    assert len(federation.client.versions(MODEL)) == 1


def test_r_6_anyone_may_void_and_the_funder_gets_the_refund(
    federation: ChainFederation,
) -> None:
    before = balance_of(federation.place.gateway, federation.token, OWNER.address)
    round_id = federation.coordinator().open(federation.terms(), federation.document)
    federation.clock.wait_until(federation.terms().proposal_deadline)
    stranger = federation.client_of(STRANGER)
    stranger.rounds.void(round_id)
    assert balance_of(federation.place.gateway, federation.token, STRANGER.address) == 0
    assert balance_of(federation.place.gateway, federation.token, OWNER.address) == before


def test_r_7_anyone_may_finalise(federation: ChainFederation) -> None:
    coordinator, people = federation.coordinator(), federation.participants()
    round_id = coordinator.open(federation.terms(), federation.document)
    board = RegistryBoard(federation.client_of(STRANGER))
    while (state := board.state(round_id)).result is None:
        for person in people:
            person.step(round_id)
        coordinator.step(round_id)
    federation.clock.wait_until(state.challenge_ends_at)
    board.finalise(round_id)
    result = federation.coordinator("late").run_round(round_id)
    assert result.version is not None
    assert sum(claim_all(federation).values()) == BUDGET


def test_d_1_an_auditor_with_node_address_and_storage_alone_agrees(
    federation: ChainFederation,
) -> None:
    federation.round(federation.participants(p2=zero_signature))
    claim_all(federation)
    reader: Any = federation.place.client()
    report = audit(reader.connection, replay=Replay())
    assert report.findings == []
    assert report.skipped == []
    ancestors = lineage(reader.state(), reader.version(MODEL))
    assert [a.version.number for a in ancestors] == [2, 1]
    assert set(ancestors[0].participants) == {p.address for p in federation.people}
