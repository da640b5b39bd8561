"""What a node is asked by those who only wait: little, and no more after many rounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, final

import pytest
from chain_federation import MODEL, PEOPLE, ChainFederation
from chain_parties import ChainScenario, WatchedGateway
from tests_roles import OWNER

from registry.addresses import ZERO_ADDRESS
from registry.chain.gateway import Gateway, connect
from registry.client import RegistryClient
from registry.errors import TrainingError
from trainer.adapters import StoreBlobs, chain_clock
from trainer.adapters.chain_clock import ChainClock
from trainer.adapters.registry_board import RegistryBoard
from trainer.adapters.staked_board import StakedRegistryBoard
from trainer.participant.participant import Participant
from trainer.participant.round_loop import join_rounds
from trainer.ports import RoundContext
from trainer.staked.acceptance import Acceptance
from trainer.staked.agent import StakedRoundAgent
from trainer.staked.holder import Holder
from trainer.staked.outcome import Outcomes
from trainer.staked.staked_participant import StakedParticipant
from trainer.staked.watcher import Watcher

IDLE = 600  # seconds, as the command gives up after


@final
class TurnedTime:
    """The machine's time for one clock: sleeping turns it, and the chain's with it.

    Args:
        gateway: a development chain; these requests are nobody's who waits.
        block_seconds: how often there is a block; 0: none comes by itself.
    """

    def __init__(self, gateway: Gateway, block_seconds: int) -> None:
        self._gateway, self._every = gateway, block_seconds
        self._now, self._turned, self._mined = 1.0, 1, 1

    def monotonic(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self._now += seconds
        while self._turned < int(self._now):
            self._turned += 1
            self._gateway.request("evm_increaseTime", [1])
            if self._every and self._turned - self._mined >= self._every:
                self._mined = self._turned
                self._gateway.request("evm_mine", [])


@pytest.fixture
def federation(place: ChainScenario) -> ChainFederation:
    found = ChainFederation(place, OWNER, seats=2)
    found.publish_first()
    return found


def end_rounds(f: ChainFederation, count: int) -> None:
    """Opens rounds and voids them during enrolment."""
    board = RegistryBoard(f.client)
    for _ in range(count):
        unpaid = f.terms(reward_budget=0, forfeit=0, reward_token=ZERO_ADDRESS)
        board.void(board.open_round(unpaid))


def attendance(f: ChainFederation, client: RegistryClient, clock: ChainClock) -> StakedParticipant:
    """What `tally train join` does for rounds under stake."""
    board, stakes = RegistryBoard(client), StakedRegistryBoard(client)
    outcomes = Outcomes(board, stakes, f.blobs, f.place.work / "staked")
    watcher, holder = Watcher(stakes, outcomes, f.blobs, clock), Holder(stakes, outcomes)
    follower = StakedRoundAgent(board, stakes, clock, watcher, holder)
    return StakedParticipant(stakes, follower, outcomes, clock, Acceptance(0))


def asked_while_idle(f: ChainFederation, monkeypatch: Any, block_seconds: int) -> list[str]:
    """Returns the methods that a participant's node is asked in ten minutes without a round."""
    asked: list[str] = []

    def count(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        asked.append(method)
        return forward()

    gateway = WatchedGateway.over(connect(f.place.gateway.url), count)
    client = f.place.client(PEOPLE[0], gateway=gateway)
    monkeypatch.setattr(chain_clock, "time", TurnedTime(f.place.gateway, block_seconds))
    clock, board = ChainClock.of(client), RegistryBoard(client)
    blobs, work = StoreBlobs(f.store), f.place.work / "idle"
    participant = Participant(RoundContext(board, blobs, clock), PEOPLE[0], f.training(0), work)
    model_id = f.client.model(MODEL).model_id
    asked.clear()
    attends = attendance(f, client, clock)
    with pytest.raises(TrainingError, match="no round opened within 600 s"):
        join_rounds(participant, model_id, 1, IDLE, attendance=attends)
    return asked


@pytest.mark.parametrize("block_seconds", [0, 1, 2, 12])
def test_who_waits_for_a_round_asks_once_a_second(
    federation: ChainFederation, monkeypatch: Any, block_seconds: int
) -> None:
    asked = asked_while_idle(federation, monkeypatch, block_seconds)
    assert len(asked) <= IDLE


def test_ended_rounds_cost_who_waits_nothing(federation: ChainFederation, monkeypatch: Any) -> None:
    none = asked_while_idle(federation, monkeypatch, 2)
    end_rounds(federation, 10)
    ten = asked_while_idle(federation, monkeypatch, 2)
    end_rounds(federation, 90)
    hundred = asked_while_idle(federation, monkeypatch, 2)
    # One more or less: where in a second of the chain's the wait began.
    assert abs(len(ten) - len(none)) <= 2
    assert abs(len(hundred) - len(none)) <= 2
