"""Rounds of gossip, one after another: whoever has the turn opens the next one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from registry.documents.allow_list import AllowList
from registry.errors import ConfigError, TrainingError
from trainer.coordinator.round_loop import RoundPlan
from trainer.documents.fetching import fetch_document, store_named
from trainer.gossip.exchange import gossip_of
from trainer.gossip.peer import Agreement, GossipPeer
from trainer.pacing.patience import Patience
from trainer.ports import RoundContext
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import Phase

__all__ = ["GossipPlan", "gossip_rounds"]


@dataclass(frozen=True)
class GossipPlan:
    """What rounds of gossip have in common; every peer has to run with the same.

    Args:
        rounds: the terms; its seats and invitations are replaced by the peers.
        peers: who takes part; each a publisher of the model.
        mixing_seconds: the longest that the mixing takes, from the reveals to the proposal.
        idle_seconds: how long the one whose turn it is may be gone before the next one opens.

    Raises:
        ConfigError: another strategy, or fewer than two peers.
    """

    rounds: RoundPlan
    peers: AllowList
    mixing_seconds: int = 3_600
    idle_seconds: int = 120

    def __post_init__(self) -> None:
        """Checks strategy and peers."""
        if gossip_of(self.rounds.document).number:
            raise ConfigError("gossip: expected a round to begin with, got a mixing step")
        if len(self.peers.addresses) < 2:
            raise ConfigError("gossip: expected at least two peers")

    def open(self, context: RoundContext, model_id: bytes) -> bytes:
        """Opens a round from the newest version and returns its id."""
        newest, now = context.board.versions(model_id)[-1].number, context.clock.now()
        terms, document = self.rounds.terms(model_id, newest, now, self.peers)
        later = terms.proposal_deadline + self.mixing_seconds
        terms = replace(terms, proposal_deadline=later)
        store_named(context.blobs, terms, document, self.peers)
        return context.board.open_round(terms)


def gossip_rounds(
    peer: GossipPeer,
    model_id: bytes,
    plan: GossipPlan,
    rounds: int,
    told: Callable[[RoundState, Agreement], None] = lambda state, agreement: None,
) -> list[Agreement]:
    """Takes part in rounds of gossip until so many have ended, and opens those whose turn it is.

    Args:
        peer: acts on the board of its context, by its clock.
        model_id: what is trained.
        plan: the peers' common one.
        rounds: how many.
        told: called after each round.

    Raises:
        TrainingError: this peer isn't one of the plan's.
    """
    if peer.address not in plan.peers.addresses:
        raise TrainingError(f"{peer.address} isn't one of the peers; add it to everybody's list")
    board, clock = peer.context.board, peer.context.clock
    ended: list[Agreement] = []
    idle_since = clock.now()
    done: set[bytes] = set()
    patience = Patience(clock)
    while len(ended) < rounds:
        with board.look():
            # Read once: if the turn were counted later, a round just opened would give it to two.
            rounds_now = board.rounds_of(model_id)
            round_id = _running(peer, rounds_now, plan, done)
        if round_id is None:
            turn = idle_since + plan.idle_seconds * _behind(peer.address, len(rounds_now), plan)
            if clock.now() < turn:
                patience.rest(turn)
                continue
            round_id = plan.open(peer.context, model_id)
        patience.renew()
        ended.append(peer.run(round_id))
        done.add(round_id)
        told(board.state(round_id), ended[-1])
        idle_since = clock.now()
    return ended


def _running(
    peer: GossipPeer, rounds: Sequence[bytes], plan: GossipPlan, done: set[bytes]
) -> bytes | None:
    """Returns the first of the rounds that is these peers', and that this one may still be in."""
    board, blobs, clock = peer.context.board, peer.context.blobs, peer.context.clock
    published: set[bytes] = set()
    for round_id in [r for r in rounds if r not in done]:
        state = board.state(round_id)
        terms, phase = state.terms, phase_at(state, clock.now())
        published = published or {v.round_id for v in board.versions(terms.model_id)}
        over = round_id in published or phase == Phase.VOIDED
        ours = terms.strategy == "gossip" and terms.allow_list_root == plan.peers.root
        if over or not ours or gossip_of(fetch_document(blobs, terms)).number:
            continue
        if peer.address in state.enrolled or phase == Phase.ENROLMENT:
            return round_id
    return None


def _behind(address: str, rounds: int, plan: GossipPlan) -> int:
    """Returns how many peers have the turn before this one, after so many rounds."""
    order = plan.peers.addresses
    turn = rounds % len(order)
    return (order.index(address) - turn) % len(order)
