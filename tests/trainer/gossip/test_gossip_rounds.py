"""Rounds of gossip on a board in memory: peers that train, mix and agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from memory_federation import Federation

from registry.addresses import ZERO_ADDRESS
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import read_version
from trainer.execution.execute import layout_of
from trainer.gossip import GossipPeer, Graph
from trainer.gossip.exchange import Exchange
from trainer.gossip.mixed_updates import MixedUpdates
from trainer.participant.buffered_updates import BufferedUpdate
from trainer.participant.local_updates import LocalUpdate
from trainer.participant.participant import Participant
from trainer.ports import RoundContext
from trainer.protocol.actions import RoundStep
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase, RoundTerms
from trainer.vectors.layout import flatten

TURNS = 2_000


def gossip(federation: Federation, **parameters: str) -> TermsDocument:
    """A document of gossip with the federation's plan, scored equally."""
    parameters = {"graph": "ring", "steps": "60", "tolerance": "64"} | parameters
    return replace(
        federation.document, strategy="gossip", strategy_parameters=parameters, scoring="equal"
    )


def terms_of(
    federation: Federation, document: TermsDocument, seats: int, **changes: Any
) -> RoundTerms:
    """Terms of a round of gossip that leaves time to mix."""
    now = federation.clock.now()
    return replace(
        federation.terms(),
        strategy="gossip",
        document_digest=document.digest,
        maximum_participants=seats,
        proposal_deadline=now + 100_000,
        reward_token=ZERO_ADDRESS,
        reward_budget=0,
        forfeit=0,
        **changes,
    )


def peer(federation: Federation, index: int, blobs: Any = None) -> GossipPeer:
    """A peer who may open rounds."""
    signer = federation.people[index]
    federation.ledger.models[federation.model_id].publishers.add(signer.address)
    board = federation.board(signer)
    context = RoundContext(board, blobs or federation.blobs, federation.clock)
    return GossipPeer(context, signer, federation.honest(index), federation.work / "g")


def opened(
    federation: Federation, by: int, document: TermsDocument, seats: int, **changes: Any
) -> bytes:
    """A round that a peer opens."""
    federation.blobs.put_bytes(document.to_json())
    board = federation.board(federation.people[by])
    round_id: bytes = board.open_round(terms_of(federation, document, seats, **changes))
    return round_id


def run(federation: Federation, peers: Sequence[GossipPeer], round_id: bytes) -> None:
    """Takes every peer's steps in turn until all have left; a stuck round fails."""
    for _ in range(TURNS):
        made = [peer.step(round_id) for peer in peers]
        if all(progress.next.step is RoundStep.LEAVE for progress in made):
            return
        if not any(progress.acted for progress in made):
            waits = [p.next.until for p in made if p.next.step is RoundStep.WAIT]
            federation.clock.wait_until(min(waits))
    pytest.fail("the peers never came to an end")


def tensors_of(federation: Federation, number: int, place: Path) -> dict[str, torch.Tensor]:
    """The tensors of a version."""
    version = federation.board().versions(federation.model_id)[number - 1]
    federation.blobs.get_folder(version.content_digest, place, 1 << 30)
    return dict(read_version(place))


@pytest.mark.slow
def test_peers_agree_on_the_exact_mean_without_a_coordinator(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(5)]
    round_id = opened(federation, 2, gossip(federation), 5)
    run(federation, peers, round_id)
    found = [each.agreement(round_id) for each in peers]
    assert {each.version.number for each in found if each.version} == {2}
    assert found[0].steps > 3
    # A ring of five is two steps wide: nobody is further from the mean than twice the tolerance.
    assert all(each.distance is not None and each.distance <= 128 for each in found)
    assert all(each.departures == () for each in found)

    # A first round as well, so that everybody trains by the same seed.
    (federation.work / "plain").mkdir()
    plain = type(federation)(federation.work / "plain")
    plain.document = replace(plain.document, scoring="equal")
    terms = plain.terms(weight_cap=1, maximum_participants=5)
    result = plain.round([plain.participant(index) for index in range(5)], terms)
    assert result.version is not None
    mixed = tensors_of(federation, 2, federation.work / "mixed")
    mean = tensors_of(plain, 2, plain.work / "mean")
    assert all(torch.equal(mixed[name], mean[name]) for name in mean)


def test_every_step_is_opened_by_the_next_in_turn(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(4)]
    round_id = opened(federation, 0, gossip(federation, graph="hypercube"), 4)
    run(federation, peers, round_id)
    board = federation.board()
    openers = [board.state(made).coordinator for made in board.rounds_of(federation.model_id)][1:]
    order = sorted((each.address for each in peers), key=lambda address: int(address, 16))
    assert openers == [order[number % 4] for number in range(len(openers))]
    assert len(openers) > 1


def test_the_sum_of_what_peers_hold_never_changes(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(4)]
    round_id = opened(federation, 0, gossip(federation), 4)
    run(federation, peers, round_id)
    exchange = Exchange(federation.board(), federation.blobs, round_id, federation.work / "look")
    everybody = [each.address for each in peers]
    sums = [
        np.sum(list(exchange.values(made, everybody).values()), axis=0, dtype=np.int64)
        for made in (round_id, *exchange.steps())
    ]
    assert all((each == sums[0]).all() for each in sums)


@pytest.mark.slow
def test_a_given_graph_is_followed(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(4)]
    names = [each.address for each in peers]
    star = Graph.of((names[0], other) for other in names[1:])
    federation.blobs.put_bytes(star.to_json())
    round_id = opened(federation, 1, gossip(federation, graph=star.digest.hex()), 4)
    run(federation, peers, round_id)
    assert Exchange(federation.board(), federation.blobs, round_id, federation.work).graph() == star
    assert all(each.agreement(round_id).distance <= 128 for each in peers)  # type: ignore[operator]


def test_a_peer_that_is_gone_holds_nobody_up(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(4)]
    round_id = opened(federation, 0, gossip(federation, graph="complete", steps="12"), 4)
    board = federation.board()
    while phase_at(board.state(round_id), federation.clock.now()) != Phase.PROPOSAL:
        run_once = [each.step(round_id) for each in peers]
        assert any(progress.acted for progress in run_once)
    gone = sorted(peers, key=lambda each: int(each.address, 16))[0]
    run(federation, [each for each in peers if each is not gone or each is peers[0]], round_id)
    steps = Exchange(board, federation.blobs, round_id, federation.work / "look").steps()
    assert steps
    assert board.versions(federation.model_id)[-1].round_id == round_id


class Shifted:
    """The mix, and a little more: what a peer that wants its own way would send."""

    def __init__(self, honest: MixedUpdates) -> None:
        self._honest = honest

    def require(self, document: TermsDocument) -> None:
        """Asks for what the honest one does."""
        self._honest.require(document)

    def make(self, state: RoundState, document: TermsDocument) -> LocalUpdate:
        """Returns the mix, moved by a thousand units."""
        made = self._honest.make(state, document)
        return replace(made, vector=made.vector + np.int32(1_000))

    def buffer(self, state: RoundState, document: TermsDocument) -> BufferedUpdate:
        """Refuses, as the honest one does."""
        return self._honest.buffer(state, document)

    def begin(self, state: RoundState, document: TermsDocument) -> None:
        """Begins nothing."""


def test_who_mixes_wrongly_is_named_and_the_version_stays_exact(federation: Federation) -> None:
    honest, liar = peer(federation, 0), peer(federation, 1)
    signer, board = federation.people[1], federation.board(federation.people[1])
    context = RoundContext(board, federation.blobs, federation.clock)
    parts = context, signer, federation.honest(1)
    shifted = Shifted(MixedUpdates(signer.address, liar._exchange))
    liar._mixer = Participant(*parts, federation.work / "liar", updates=shifted)
    peers = [honest, liar, peer(federation, 2)]
    round_id = opened(federation, 0, gossip(federation, steps="4"), 3)
    run(federation, peers, round_id)
    found = honest.agreement(round_id)
    assert found.departures == tuple((step, liar.address) for step in range(1, 5))
    # Its neighbours' own copies were moved, and they see that; the published mean wasn't.
    assert found.distance is not None
    assert found.distance > 500
    version = tensors_of(federation, 2, federation.work / "version")
    exact = Exchange(board, federation.blobs, round_id, federation.work / "look")
    values = exchange_mean(exact, round_id, [each.address for each in peers])
    base = tensors_of(federation, 1, federation.work / "base")
    layout = layout_of(base, exact.document)
    moved = (flatten(version, layout) - flatten(base, layout)) * 2.0**20
    assert np.abs(moved - values).max() < 1


def exchange_mean(exchange: Exchange, round_id: bytes, peers: list[str]) -> Any:
    """The mean of what peers revealed in the round itself, in units of the aggregate."""
    found = exchange.values(round_id, peers)
    return np.mean([found[each] for each in peers], axis=0)


def test_what_was_fetched_in_part_is_fetched_on(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(3)]
    round_id = opened(federation, 0, gossip(federation, steps="2"), 3)
    run(federation, peers, round_id)
    work, names = federation.work / "look", [each.address for each in peers]
    whole = Exchange(federation.board(), federation.blobs, round_id, work).values(round_id, names)
    for file in (work / round_id.hex() / names[0].lower()).rglob("*"):
        file.unlink()
    again = Exchange(federation.board(), federation.blobs, round_id, work).values(round_id, names)
    assert set(whole) == set(again) == set(names)
    assert np.array_equal(whole[names[0]], again[names[0]])


def test_a_round_that_no_peer_is_left_in_is_voided(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(3)]
    round_id = opened(federation, 0, gossip(federation), 3)
    federation.clock.wait_until(federation.clock.now() + 1_000)
    run(federation, peers, round_id)
    assert phase_at(federation.board().state(round_id), federation.clock.now()) == Phase.VOIDED
    assert peers[0].agreement(round_id).version is None


def test_a_restarted_peer_goes_on_where_the_board_stands(federation: Federation) -> None:
    peers = [peer(federation, index) for index in range(3)]
    round_id = opened(federation, 0, gossip(federation, steps="6"), 3)
    for turn in range(TURNS):
        # Every step by a fresh object over the same folders.
        peers[turn % 3] = peer(federation, turn % 3)
        made = [each.step(round_id) for each in peers]
        if all(progress.next.step is RoundStep.LEAVE for progress in made):
            break
        if not any(progress.acted for progress in made):
            waits = [p.next.until for p in made if p.next.step is RoundStep.WAIT]
            federation.clock.wait_until(min(waits))
    assert all(not each.agreement(round_id).departures for each in peers)
    assert peers[0].agreement(round_id).version is not None
