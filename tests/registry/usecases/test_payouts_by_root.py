"""Pots of rounds with a panel, paid by the root that it attested (P-7, F-11).

Also what becomes of a payment that the token refuses to send.
"""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from chain_parties import refusing_token
from staked_scenario import BUDGET, PROPOSER, WATCHER, StakedScenario
from tests_roles import OWNER, STRANGER

from registry.chain.reverts import error_classes
from registry.chain.token import balance_of
from registry.documents.payouts import payout_document, payout_tree
from registry.errors import BlobNotFound, ConfigError, RoundError
from registry.fraud_proofs.trees import Tree
from registry.signing import AttestationStatement
from registry.storage import RAW, Cid

ERRORS = error_classes()
WHOLE = 10**12
WAITING = BUDGET  # in the pot of the scene's other round


def parts_of(staked: StakedScenario) -> dict[str, int]:
    """Half, a third and a sixth of the whole, in the order of the participants."""
    shares = (WHOLE // 2, WHOLE // 3, WHOLE - WHOLE // 2 - WHOLE // 3)
    people = [person.address for person in staked.people]
    return dict(zip(people, shares, strict=True))


def settled(
    staked: StakedScenario,
    parts: Mapping[str, int],
    total: int = WHOLE,
    document: bytes | None = None,
) -> tuple[bytes, Tree]:
    """Opens a round with a panel of one, which attests what is proposed; it settles."""
    panel = staked.owner.evaluations.create_panel([WATCHER.address], 1).panel
    round_id = staked.revealed(panel=panel)
    text = payout_document(parts) if document is None else document
    root, digest = payout_tree(parts).root, Cid.of(text, RAW).digest
    tree = staked.tree(round_id)
    made = staked.proposed(
        round_id, tree, payout_root=root, payout_total=total, payout_document=digest
    )
    found = AttestationStatement(
        round_id,
        made.version_digest,
        made.document_digest,
        payout_root=root,
        payout_total=total,
        payout_document=digest,
        scores_digest=bytes(32),
    )
    mine = staked.client(WATCHER).evaluations
    assert mine.attest([mine.sign(WATCHER, found)]).correct
    standing = staked.owner.staked_rounds.record(round_id).standing
    assert standing is not None
    staked.clock.wait_until(standing.ends_at)
    staked.owner.staked_rounds.settle(round_id)
    return round_id, tree


def held(staked: StakedScenario, who: str) -> int:
    """An account's tokens."""
    return balance_of(staked.place.gateway, staked.token, who)


def owed(staked: StakedScenario) -> int:
    """What pots owe, by the events and by the contract."""
    told = staked.owner.state().pots.owed(staked.token)
    assert told == staked.owner.connection.chain.weighted_payouts.owed(staked.token).read()
    return told


def test_p7_with_a_panel_each_gets_its_part_and_the_sponsor_the_rest(
    staked: StakedScenario,
) -> None:
    parts = parts_of(staked)
    round_id, _ = settled(staked, parts)
    staked.owner.connection.store.put_block(payout_document(parts))
    before = {who: held(staked, who) for who in (*parts, OWNER.address)}
    anyone = staked.client(STRANGER).weighted_payouts
    assert anyone.pay_settled(round_id) == list(parts)
    assert anyone.pay_settled(round_id) == []
    due = {who: BUDGET * part // WHOLE for who, part in parts.items()}
    rest = BUDGET - sum(due.values())
    gained = {who: held(staked, who) - amount for who, amount in before.items()}
    assert gained == {**due, OWNER.address: rest}
    pot = anyone.pot(round_id)
    assert (pot.paid, pot.rest) == (due, rest)
    assert owed(staked) == WAITING


def test_p7_the_settled_document_is_needed_and_no_other_amounts_pay(staked: StakedScenario) -> None:
    parts = {who: part + 1 for who, part in parts_of(staked).items()}  # nobody stored these
    round_id, tree = settled(staked, parts)
    pots = staked.client(STRANGER).weighted_payouts
    with pytest.raises(BlobNotFound):
        pots.pay_settled(round_id)
    first, *_ = parts
    with pytest.raises(RoundError, match="expected amounts under the settled root"):
        pots.pay_by_root(round_id, {**parts, first: parts[first] + 1})
    with pytest.raises(ERRORS["PaidByRoot"]):
        pots.pay(round_id, tree=tree)
    assert pots.pot(round_id).paid == {}


def test_a_settled_document_that_is_none_is_refused_in_one_line(staked: StakedScenario) -> None:
    round_id, _ = settled(staked, parts_of(staked), document=b"{}")
    staked.owner.connection.store.put_block(b"{}")
    with pytest.raises(ConfigError, match="payout document"):
        staked.client(STRANGER).weighted_payouts.pay_settled(round_id)


def test_p7_a_round_without_a_panel_has_no_root_to_pay_by(
    staked: StakedScenario, round_id: bytes
) -> None:
    pots = staked.client(STRANGER).weighted_payouts
    with pytest.raises(RoundError, match="before the round is settled"):
        pots.pay_by_root(round_id, parts_of(staked))
    made = staked.proposed(round_id, staked.tree(round_id))
    standing = staked.owner.staked_rounds.record(round_id).standing
    assert standing is not None
    staked.clock.wait_until(standing.ends_at)
    staked.owner.staked_rounds.settle(round_id)
    with pytest.raises(RoundError, match="expected amounts under the settled root 0x0000"):
        pots.pay_by_root(round_id, parts_of(staked))
    contract = staked.owner.connection.contracts["WeightedPayouts"]
    with pytest.raises(ERRORS["PaidByWeight"]):
        contract.write("payByRoot", round_id, staked.token, made, STRANGER.address, 1, [])


def test_p7_a_pot_pays_no_more_than_it_holds_whatever_was_attested(staked: StakedScenario) -> None:
    parts = parts_of(staked)
    round_id, _ = settled(staked, parts, total=WHOLE // 2)  # half of what the parts add up to
    pots = staked.client(STRANGER).weighted_payouts
    with pytest.raises(ERRORS["PotExceeded"]):
        pots.pay_by_root(round_id, parts)
    first, *_ = parts
    assert pots.pot(round_id).paid == {first: BUDGET}


def test_p7_what_the_token_refuses_to_send_is_kept_and_collected(staked: StakedScenario) -> None:
    parts = parts_of(staked)
    round_id, _ = settled(staked, parts)
    anyone = staked.client(STRANGER).weighted_payouts
    before = {who: held(staked, who) for who in parts}
    with refusing_token(staked.place.gateway, staked.token):
        assert anyone.pay_by_root(round_id, parts) == list(parts)
    due = {who: BUDGET * part // WHOLE for who, part in parts.items()}
    rest = {OWNER.address: BUDGET - sum(due.values())}
    assert {who: held(staked, who) for who in parts} == before
    kept = {(staked.token, who): n for who, n in {**due, **rest}.items()}
    assert staked.owner.state().pots.kept == kept
    assert owed(staked) == WAITING + BUDGET
    for who, amount in due.items():
        assert [anyone.collect(account=who) for _ in range(2)] == [amount, 0]
        assert held(staked, who) == before[who] + amount
    assert staked.owner.weighted_payouts.collect() == rest[OWNER.address]
    assert owed(staked) == WAITING


def test_p7_a_part_below_a_unit_is_paid_with_nothing_and_the_rest_waits(
    staked: StakedScenario,
) -> None:
    round_id, _ = settled(staked, {PROPOSER.address: 1}, total=WHOLE)
    pots = staked.client(STRANGER).weighted_payouts
    # One part of 10^12 of this pot is less than a unit: nothing to send, and paid all the same.
    with pytest.raises(ERRORS["NotAllPaid"]):
        pots.pay_by_root(round_id, {PROPOSER.address: 1})
    assert pots.pot(round_id).paid == {PROPOSER.address: 0}
