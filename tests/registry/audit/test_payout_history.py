"""P-5, P-6: what the audit says of roots that were dropped, of sweeps, and of what comes after.

given round 1, final and paid, of which one participant claimed
  when the owner sweeps what is left and round 2 is paid: the audit agrees with each root
  when a root after the sweep pays again what the sweep took: it is wrong
  when a wrong root is replaced before its time: it is odd, and no claim counts by it
given another registry that succeeds this one
  when anybody audits: the report says so
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from audited_federation import AuditedFederation
from chain_federation import BUDGET, MODEL, ChainFederation
from chain_parties import ChainScenario
from tests_roles import OWNER, STRANGER

from registry.audit import AuditVerdict, FindingKind, Report, audit
from registry.chain.contracts import Contract
from registry.chain.deploy import Parameters, SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.chain.transactions import TransactionSender
from registry.devnet import fund, start_anvil
from registry.documents.payouts import payout_document
from registry.index import RootState
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.coordinator.paying import post_due


def sweep(federation: ChainFederation) -> int:
    """Announces a sweep, waits, and sweeps; returns the amount."""
    payouts, model = federation.client.payouts, federation.client.model(MODEL)
    federation.clock.wait_until(payouts.announce_sweep(model, federation.token))
    return payouts.sweep(model, federation.token, OWNER.address)


def paid(federation: ChainFederation) -> dict[str, int]:
    """The amounts under the newest root."""
    payouts = federation.client.payouts
    newest = payouts.newest(federation.client.model(MODEL), federation.token)
    return payouts.cumulative(newest) if newest else {}


def test_p_6_a_round_after_a_sweep_is_paid_in_full_and_the_audit_agrees(
    audited: AuditedFederation,
) -> None:
    made = audited.federation
    first, shares = audited.address(0), audited.document(1).shares
    assert sweep(made) == BUDGET - shares[first]
    assert paid(made) == {}
    assert audited.audit().findings == []
    made.round(made.participants(), base_version=2)
    new = audited.document(3).shares
    before = made.balances()
    assert paid(made) == {a: new[a] + (shares[first] if a == first else 0) for a in new}
    for person in made.people:
        client = made.client_of(person)
        assert (
            client.payouts.claim(client.model(MODEL), made.token, person.address)
            == new[person.address]
        )
    assert {a: held - before[a] for a, held in made.balances().items()} == new
    assert audited.audit().findings == []


def test_p_6_a_root_that_pays_again_what_a_sweep_took_is_wrong(audited: AuditedFederation) -> None:
    made, shares = audited.federation, audited.document(1).shares
    sweep(made)
    payer = made.client.connection.contracts["PayoutDistributor"]
    model = made.client.model(MODEL)
    made.client.connection.contracts["RewardToken"].write("approve", payer.address, BUDGET)
    payer.write("fund", model.model_id, made.token, BUDGET)
    made.client.payouts.post(model, made.token, shares)
    wrong = audited.audit().of(AuditVerdict.WRONG)
    assert {finding.kind for finding in wrong} == {FindingKind.PAYOUT}
    assert len(wrong) == len(shares) - 1  # the one who claimed is owed what it has


@pytest.fixture
def waiting(tmp_path: Path) -> Iterator[ChainFederation]:
    """A federation whose payout roots wait an hour; round 1 is final and its root waits."""
    with start_anvil() as chain:
        gateway = connect(chain.url)
        fund(gateway, OWNER.address, 100 * 10**18, tmp_path)
        executor = SenderExecutor(TransactionSender(gateway, OWNER, tmp_path / "deployer"))
        deploy(gateway, executor, tmp_path / "deployments", Parameters(activation_delay=3_600))
        with ChainScenario(
            gateway, tmp_path / "deployments", str(tmp_path / "blobs"), tmp_path
        ) as place:
            made = ChainFederation(place, OWNER)
            made.publish_first()
            made.round(made.participants())
            yield made


def _audit(made: ChainFederation) -> Report:
    return audit(made.place.client().connection, replay=Replay())


def test_p_5_a_round_within_the_delay_begins_it_anew_for_nobody(waiting: ChainFederation) -> None:
    client, token = waiting.client, waiting.token
    model, first = client.model(MODEL), paid(waiting)
    moment = client.payouts.waits_until(model, token)
    waiting.round(waiting.participants())
    assert (paid(waiting), client.payouts.waits_until(model, token)) == (first, moment)
    waiting.clock.wait_until(moment)
    assert client.payouts.waits_until(model, token) == 0
    board = RegistryBoard(client)
    newest = board.state(board.rounds_of(model.model_id)[-1])
    assert post_due(board, waiting.blobs, newest) == 0
    assert sum(paid(waiting).values()) == 2 * BUDGET
    # While it waits, the first round's pay is claimed under the root that is in use.
    who = waiting.people[0].address
    assert client.payouts.claim(model, token, who) == first[who]
    with pytest.raises(error_classes()["RootNotActive"]):
        client.payouts.claim(model, token, who)
    waiting.clock.wait_until(client.payouts.waits_until(model, token))
    assert client.payouts.claim(model, token, who) > 0
    assert _audit(waiting).findings == []


def test_p_5_a_wrong_root_that_was_replaced_in_time_is_odd_and_cost_nobody(
    waiting: ChainFederation,
) -> None:
    client, token = waiting.client, waiting.token
    model, right = client.model(MODEL), paid(waiting)
    client.payouts.post(model, token, {STRANGER.address: BUDGET})
    assert not _audit(waiting).clean
    client.payouts.post(model, token, right)
    states = [posted.state for posted in client.payouts.distribution(model, token).roots]
    assert states == [RootState.DROPPED, RootState.DROPPED, RootState.WAITING]
    report = _audit(waiting)
    assert report.clean
    assert {finding.kind for finding in report.of(AuditVerdict.ODD)} == {FindingKind.PAYOUT}


def test_p_5_the_root_of_a_removed_publisher_is_paid_over_and_cancelled(
    waiting: ChainFederation,
) -> None:
    client, token = waiting.client, waiting.token
    model, right = client.model(MODEL), paid(waiting)
    somebody = waiting.people[0]
    thief = waiting.client_of(somebody)
    client.add_publisher(MODEL, somebody.address)
    thief.payouts.post(model, token, {somebody.address: BUDGET})
    client.remove_publisher(MODEL, somebody.address)
    assert paid(waiting) == {}
    client.payouts.post(model, token, right)
    assert paid(waiting) == right
    client.payouts.cancel(model, token)
    assert client.payouts.newest(model, token) is None


def test_a_right_root_with_a_document_of_another_is_posted_again(waiting: ChainFederation) -> None:
    client, token = waiting.client, waiting.token
    model, right = client.model(MODEL), paid(waiting)
    newest = client.payouts.newest(model, token)
    assert newest is not None
    garbage = waiting.blobs.put_bytes(payout_document({STRANGER.address: 1}))
    payer = client.connection.contracts["PayoutDistributor"]
    payer.write("postRoot", model.model_id, token, newest.root, BUDGET, garbage)
    client.payouts.post(model, token, right)
    assert paid(waiting) == right
    before = len(client.payouts.distribution(model, token).roots)
    client.payouts.post(model, token, right)  # the same once more is one too many
    assert len(client.payouts.distribution(model, token).roots) == before
    assert _audit(waiting).clean


def test_g_3_what_the_guardian_stopped_is_audited_and_stops_new_roots(
    waiting: ChainFederation,
) -> None:
    contracts, client = waiting.client.connection.contracts, waiting.client
    stop, model = contracts["EmergencyStop"], client.model(MODEL)
    stop.write("stop", 2)
    stop.write("freezeToken", waiting.token)
    stop.write("freezeRound", b"\1" * 32)
    assert _audit(waiting).findings == []
    with pytest.raises(error_classes()["PartStopped"], match="guardian stopped payout roots"):
        client.payouts.post(model, waiting.token, {STRANGER.address: 1})
    stop.write("resume", 2)
    with pytest.raises(error_classes()["TokenFrozen"]):
        client.payouts.post(model, waiting.token, {STRANGER.address: 1})
    waiting.clock.wait_until(stop.read("endsAt"))
    newest = client.payouts.newest(model, waiting.token)
    assert newest is not None
    again = newest.root, newest.total, newest.document_digest
    contracts["PayoutDistributor"].write("postRoot", model.model_id, waiting.token, *again)
    assert _audit(waiting).findings == []


def test_a_successor_is_told_by_the_audit(waiting: ChainFederation) -> None:
    assert _audit(waiting).successor == ""
    connection = waiting.client.connection
    timelock, registry = connection.contracts["Timelock"], connection.contracts["ModelRegistry"]
    call = registry.call_data("nameSuccessor", STRANGER.address)
    delay = timelock.read("getMinDelay")
    timelock.write("schedule", registry.address, 0, call, bytes(32), bytes(32), delay)
    waiting.clock.wait_until(waiting.clock.now() + delay)
    timelock.write("execute", registry.address, 0, call, bytes(32), bytes(32))
    assert isinstance(registry, Contract)
    assert _audit(waiting).successor == STRANGER.address
