"""Given a Flower app that is audited, whose options hide updates

when every node answers: the version is the plain round's to the bit, and no reply holds an array
  or a number of examples
when one node's app fails after it shared its secrets, and another is offline at the opening:
  the version is that of a plain round of all but the first; its neighbours' shares open both
when a node trains in hidden rounds alone: it refuses a round that shows updates, and a server
  that audits none
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from chain_parties import ChainScenario, TurnedClock
from flower_grid import Arrays, LocalGrid, context_of, moving, replying, train_round
from flower_places import NODE_KEYS, environment, write_keys
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Error, Message
from flwr.serverapp.strategy import FedAvg
from memory_federation import document_of

from registry.audit import audit
from registry.errors import ConfigError
from registry.signing import LocalSigner
from trainer.adapters.replay import Replay
from trainer.flower import AuditedStrategy, RoundOptions, audited, signing_mod
from trainer.flower.wire import ANSWER, Request, WireRequest
from trainer.privacy.hidden_terms import HiddenTerms

NODES = [LocalSigner.from_key(key) for key in NODE_KEYS]
HIDDEN = HiddenTerms(weight_cap=1_000)
FIRST: Arrays = {"second": np.zeros((3, 2), np.float32), "first": np.zeros(4, np.float32)}
HOUR = 3_600
Fails = Callable[[int, WireRequest], bool]


@pytest.fixture(autouse=True)
def surroundings(place: ChainScenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """Accounts with ether, a key file for each node, and what the app reads its places from."""
    place.fund(*NODES, ether=10)
    for name, value in environment(place, write_keys(place, NODE_KEYS)).items():
        monkeypatch.setenv(name, value)


class App:
    """Nodes that train on 10, 20, 30 … examples, and what they replied."""

    def __init__(self, place: ChainScenario, count: int, fails: Fails = lambda *_: False) -> None:
        self.place, self.fails = place, fails
        self.contexts = {n: context_of(n, **{"partition-id": n - 1}) for n in range(1, count + 1)}
        self.replies: list[tuple[WireRequest, Message]] = []
        self.awaited: Request | None = None
        self.grid = LocalGrid({number: self.node(number) for number in self.contexts}, self.told)

    def node(self, number: int) -> Any:
        """A node with its mod; where it fails, Flower tells the server so."""
        train = replying(moving(number, 0.1), 10 * number)

        def answer(message: Message) -> Message:
            request = Request.of(message.content)
            assert request is not None
            if self.fails(number, request.asked):
                self.awaited = request
                return Message(Error(0, "gone"), reply_to=message)
            reply = signing_mod(message, self.contexts[number], lambda m, _: train(m))
            self.replies.append((request.asked, reply))
            return reply

        return answer

    def told(self, replies: list[Message]) -> list[Message]:
        """Lets the time run out for who is gone, once the others have answered."""
        if self.awaited is not None:
            terms = self.place.client().state().rounds.rounds[self.awaited.round_id].terms
            half = (terms.proposal_deadline - terms.reveal_deadline) // 4
            opens = self.awaited.asked is WireRequest.OPEN
            moment = terms.reveal_deadline + half if opens else terms.commit_deadline
            TurnedClock(self.place.gateway).wait_until(moment)
        self.awaited = None
        return replies

    def trained(self, options: RoundOptions) -> tuple[AuditedStrategy, Arrays, object]:
        """Runs one round from the first arrays."""
        strategy = audited(FedAvg(), options)
        arrays, metrics = train_round(strategy, self.grid, FIRST)
        strategy._open.close()
        return strategy, arrays, metrics


def options(**changes: Any) -> RoundOptions:
    """A round with times that only run out where somebody is gone."""
    return RoundOptions(challenge_seconds=1, phase_seconds=HOUR, **changes)


def assert_same(one: Arrays, other: Arrays) -> None:
    assert list(one) == list(other)
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)


def test_a_hidden_round_gives_the_plain_model_and_tells_no_update(
    place: ChainScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    hiding = App(place, 3)
    strategy, found, metrics = hiding.trained(options(hidden=HIDDEN))
    monkeypatch.setenv("TALLY_MODEL", "plain-twin")
    _, expected, counted = App(place, 3).trained(options())
    assert_same(found, expected)
    assert any(array.any() for array in found.values())
    assert counted is not None
    assert metrics is None
    assert strategy.refused == {}
    assert {asked for asked, _ in hiding.replies} == set(WireRequest)
    for _, reply in hiding.replies:
        assert set(reply.content) == {ANSWER}
    report = audit(place.client().connection, replay=Replay())
    assert (report.findings, report.skipped) == ([], [])


def test_who_is_gone_costs_its_own_update_alone(
    place: ChainScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(number: int, asked: WireRequest) -> bool:
        return (number, asked) in ((4, WireRequest.TRAIN), (3, WireRequest.OPEN))

    strategy, found, _ = App(place, 4, fails).trained(options(hidden=HIDDEN))
    (result,) = strategy.results
    people = {node.address for node in NODES[:3]}
    assert {entry.participant for entry in document_of(result).accepted} == people
    assert strategy.refused == {NODES[3].address: "gone"}
    record = place.client().state().hidden_rounds.rounds[result.round_id]
    assert set(record.seeds) == people
    assert set(record.secrets) == {NODES[3].address}
    assert set(record.posted) == {NODES[2].address, NODES[3].address}
    monkeypatch.setenv("TALLY_MODEL", "plain-twin")
    _, expected, _ = App(place, 3).trained(options())
    assert_same(found, expected)


def test_a_node_that_trains_hidden_alone_refuses_the_rest(
    place: ChainScenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TALLY_FLOWER_HIDDEN", "required")
    trained: list[Message] = []

    def node(number: int) -> Any:
        context = context_of(number, **{"partition-id": number - 1})

        def app(message: Message, context: Context) -> Message:
            trained.append(message)
            return replying(moving(number))(message)

        def answer(message: Message) -> Message:
            try:
                return signing_mod(message, context, app)
            except Exception as error:  # what Flower makes of a mod that raises
                return Message(Error(0, str(error)), reply_to=message)

        return answer

    grid = LocalGrid({number: node(number) for number in (1, 2)})
    strategy = audited(FedAvg(), RoundOptions(challenge_seconds=1, phase_seconds=2))
    arrays, _ = train_round(strategy, grid, FIRST)
    strategy._open.close()
    assert arrays is None
    assert len(strategy.refused) == 2
    assert all("hidden rounds alone" in why for why in strategy.refused.values())
    assert not trained
    record = ArrayRecord({name: Array(array) for name, array in FIRST.items()})
    message, *_ = FedAvg().configure_train(1, record, ConfigRecord(), grid)
    with pytest.raises(ConfigError, match="this server audits none"):
        signing_mod(message, context_of(1, **{"partition-id": 0}), lambda m, _: m)
