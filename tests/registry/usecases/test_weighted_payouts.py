"""Pots of staked rounds, paid by weight on a real chain (P-7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from audited_federation import Lie, altered_event, dropped_event
from chain_federation import undone
from chain_parties import WatchedGateway, refusing_token
from staked_federation import (
    BUDGET,
    DISPUTE,
    PROPOSER,
    WATCHER,
    StakedFederation,
    federation_on_a_chain,
)
from tests_roles import OWNER

from registry.audit import FindingKind, audit
from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.chain.token import balance_of
from registry.errors import NodeUnsound, RoundError
from trainer.adapters.replay import Replay

MORE = 100_003
POT = BUDGET + MORE


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StakedFederation]:
    """A federation under stake on a chain of its own."""
    with federation_on_a_chain(tmp_path_factory.mktemp("pots")) as made:
        yield made


@pytest.fixture
def federation(ground: StakedFederation) -> Iterator[StakedFederation]:
    """The same; what a test does to the chain is undone after it."""
    with undone(ground.place.gateway):
        yield ground


def settled(f: StakedFederation, round_id: bytes) -> None:
    """An honest proposal is vouched for and settles."""
    honest = f.proposer(PROPOSER)
    honest.propose(round_id)
    f.certify_result(round_id)
    f.clock.wait_until(f.clock.now() + DISPUTE)
    honest.settle(round_id)


def held(f: StakedFederation, who: str) -> int:
    """An account's tokens."""
    return balance_of(f.place.gateway, f.token, who)


def test_p7_everybody_is_paid_by_weight_and_the_sponsor_gets_the_rest(
    federation: StakedFederation,
) -> None:
    f = federation
    round_id = f.revealed()
    assert f.owner.weighted_payouts.pot(round_id).funded == {OWNER.address: BUDGET}
    f.owner.weighted_payouts.fund(round_id, MORE)
    with pytest.raises(RoundError, match="before the round is settled"):
        f.owner.weighted_payouts.pay(round_id)
    settled(f, round_id)
    due = f.owner.weighted_payouts.due(round_id)
    weights = {leaf.participant: leaf.weight for leaf in f.board().state(round_id).counted}
    total = sum(weights.values())
    assert due == {who: POT * weight // total for who, weight in weights.items()}
    before = {who: held(f, who) for who in (*due, OWNER.address)}
    stranger = f.client(WATCHER).weighted_payouts
    gateway = f.place.gateway
    block = gateway.block_number()
    assert sorted(stranger.pay_settled(round_id)) == sorted(due)
    # One transaction for everybody, one for what is left.
    assert gateway.block_number() == block + 2
    assert stranger.pay(round_id) == []
    assert gateway.block_number() == block + 2
    paid = {who: held(f, who) - before[who] for who in before}
    rest = POT - sum(due.values())
    assert paid == {**due, OWNER.address: rest}
    assert rest > 0
    pot = stranger.pot(round_id)
    assert (pot.paid, pot.rest) == (due, rest)
    contract = f.owner.connection.contracts["WeightedPayouts"]
    assert contract.read("owed", f.token) == f.owner.state().pots.owed(f.token) == 0
    report = audit(f.place.client().connection, replay=Replay())
    assert [finding for finding in report.findings if finding.kind is FindingKind.PAYOUT] == []
    assert report.clean


def test_a_voided_round_gives_its_funder_the_pot_back(federation: StakedFederation) -> None:
    f = federation
    round_id = f.revealed()
    before = held(f, OWNER.address)
    pots = f.owner.weighted_payouts
    pots.fund(round_id, MORE)
    with pytest.raises(error_classes()["NotVoided"]):
        pots.refund(round_id)
    f.clock.wait_until(f.board().state(round_id).round.terms.proposal_deadline)
    f.owner.connection.contracts["TrainingRounds"].write("voidRound", round_id)
    assert f.client(WATCHER).weighted_payouts.refund(round_id, funder=OWNER.address) == POT
    assert pots.refund(round_id) == 0
    assert held(f, OWNER.address) == before + BUDGET
    with pytest.raises(error_classes()["RoundOver"]):
        pots.fund(round_id, 1)


def test_an_empty_pot_pays_nobody(federation: StakedFederation) -> None:
    f = federation
    other = f.owner.connection.contracts["ModelRegistry"].address  # a token that nobody put in
    round_id = f.revealed()
    settled(f, round_id)
    with pytest.raises(RoundError, match="the pot is empty"):
        f.owner.weighted_payouts.pay(round_id, token=other)


@pytest.mark.parametrize(
    "lie",
    [
        altered_event("WeightedPayouts", "PotFunded", "amount"),
        altered_event("WeightedPayouts", "ParticipantPaid", "amount"),
        altered_event("WeightedPayouts", "RemainderReturned", "amount"),
        dropped_event("WeightedPayouts", "PotFunded"),
        dropped_event("WeightedPayouts", "ParticipantPaid"),
        dropped_event("WeightedPayouts", "RemainderReturned"),
    ],
)
def test_t36_a_node_that_lies_about_pots_is_contradicted(
    federation: StakedFederation, lie: Lie
) -> None:
    f = federation
    round_id = f.revealed()
    f.owner.weighted_payouts.fund(round_id, MORE)
    settled(f, round_id)
    f.owner.weighted_payouts.pay(round_id)
    honest = connect(f.place.gateway.url)
    gateway = WatchedGateway.over(honest, lie(honest))
    report = audit(f.place.client(gateway=gateway).connection, replay=None)
    assert report.findings
    assert {finding.kind for finding in report.findings} <= {FindingKind.EVENT, FindingKind.PAYOUT}


@pytest.mark.parametrize(
    "lie",
    [
        None,
        altered_event("WeightedPayouts", "PaymentKept", "amount"),
        altered_event("WeightedPayouts", "PaymentKept", "amount", which=-1),
        altered_event("WeightedPayouts", "PaymentKept", "account", which=-1),
        dropped_event("WeightedPayouts", "PaymentKept"),
        dropped_event("WeightedPayouts", "PaymentCollected"),
    ],
    ids=["honest", "collected amount", "amount", "account", "kept", "collected"],
)
def test_t36_a_node_that_lies_about_kept_payments_is_contradicted(
    federation: StakedFederation, lie: Lie | None
) -> None:
    f = federation
    round_id = f.revealed()
    settled(f, round_id)
    with refusing_token(f.place.gateway, f.token):
        paid = f.owner.weighted_payouts.pay(round_id)
    assert f.owner.weighted_payouts.collect(account=paid[0]) > 0
    honest = connect(f.place.gateway.url)
    gateway = WatchedGateway.over(honest, lie(honest)) if lie else None
    assert contradicted(f, gateway) == (lie is not None)


def contradicted(f: StakedFederation, gateway: WatchedGateway | None) -> bool:
    """Whether the audit names an event, or refuses the node for one that no contract told."""
    try:
        report = audit(f.place.client(gateway=gateway).connection, replay=None)
    except NodeUnsound:
        return True
    return FindingKind.EVENT in {finding.kind for finding in report.findings}
