"""Plans of gossip: who opens, and what isn't one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from memory_federation import Federation

from registry.documents.allow_list import AllowList
from registry.errors import ConfigError, TrainingError
from trainer.coordinator.round_loop import RoundPlan
from trainer.documents.terms_document import TermsDocument
from trainer.gossip import GossipPeer
from trainer.gossip.rounds import GossipPlan, gossip_rounds
from trainer.ports import RoundContext
from trainer.types import Lattice

GOSSIP = TermsDocument("gossip", scoring="equal")


def plan(document: TermsDocument, addresses: list[str]) -> GossipPlan:
    """A plan for peers."""
    rounds = RoundPlan(document, Lattice(16, -12, 8), len(addresses), 2)
    return GossipPlan(rounds, AllowList.of(addresses))


def test_two_peers_are_needed(federation: Federation) -> None:
    with pytest.raises(ConfigError, match="at least two peers"):
        plan(GOSSIP, [federation.people[0].address])


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (TermsDocument(), "expected a round of gossip, got one of fedavg"),
        (
            replace(GOSSIP, strategy_parameters={"of": "ab" * 32, "step": "1"}),
            "expected a round to begin with, got a mixing step",
        ),
    ],
    ids=["fedavg", "step"],
)
def test_a_plan_begins_with_a_round_of_gossip(
    federation: Federation, document: TermsDocument, told: str
) -> None:
    with pytest.raises(ConfigError, match=told):
        plan(document, [person.address for person in federation.people])


def test_a_stranger_takes_no_part(federation: Federation) -> None:
    signer, others = federation.people[0], federation.people[1:3]
    board, blobs, clock = federation.board(signer), federation.blobs, federation.clock
    peer = GossipPeer(
        RoundContext(board, blobs, clock), signer, federation.honest(0), federation.work
    )
    peers = plan(GOSSIP, [other.address for other in others])
    with pytest.raises(TrainingError, match="isn't one of the peers"):
        gossip_rounds(peer, federation.model_id, peers, 1)
    assert board.rounds_of(federation.model_id) == []


@pytest.mark.parametrize(
    ("parameters", "told"),
    [
        ({"graph": "star"}, "expected graph to be ring, hypercube, complete or a digest"),
        ({"steps": "0"}, "expected 1 to 10000, got 0"),
        ({"tolerance": "0.5"}, "tolerance to be a natural number"),
        ({"of": "ab" * 32}, "a mixing step names its round"),
        ({"step": "1"}, "a mixing step names its round"),
        ({"of": "round", "step": "1"}, "expected of to be a round's id"),
    ],
    ids=str,
)
def test_parameters_out_of_range_are_refused(parameters: dict[str, str], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        TermsDocument("gossip", strategy_parameters=parameters, scoring="equal")
