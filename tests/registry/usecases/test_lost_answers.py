"""A command whose answer was lost after sending, run again: it takes effect once (T-11, T-12)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lying_node import DROP, LyingNode
from tests_roles import OWNER, PUBLISHER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.structs import Lattice, RoundTerms
from registry.chain.contracts import Contract
from registry.chain.deploy import SenderExecutor, deploy
from registry.chain.gateway import connect
from registry.chain.transactions import TransactionSender, WaitPolicy
from registry.client import RegistryClient
from registry.crypto import public_key_of
from registry.documents.labels import label_word
from registry.errors import ChainError, ConfigError
from registry.types import ZERO_ID, Visibility

LIES = ("dropped", "never arrived", "hidden", "indexing", "denied")
INDEXING = {"error": {"code": -32000, "message": "transaction indexing is in progress"}}


class Liar:
    """A node that loses what happens from some transaction on, until it is `cured`."""

    def __init__(self, lie: str, honest_sends: int = 0) -> None:
        self.lie, self.left = lie, honest_sends

    def cured(self) -> None:
        """From now on the node is sound."""
        self.lie = ""

    def __call__(self, method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        if method == "eth_sendRawTransaction":
            self.left -= 1
        if self.left >= 0 or not self.lie:
            return forward()
        if method == "eth_sendRawTransaction" and self.lie in ("dropped", "never arrived"):
            if self.lie == "dropped":
                forward()
            return DROP
        asks_receipt = method == "eth_getTransactionReceipt"
        if asks_receipt or method == "eth_getTransactionByHash":
            if self.lie == "denied" or (self.lie == "hidden" and asks_receipt):
                return None
            if self.lie == "indexing":
                return INDEXING
        return forward()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a second stands for the two minutes that commands wait."""
    short = partial(WaitPolicy, timeout=0.5)
    monkeypatch.setattr("registry.usecases.connection.WaitPolicy", short)
    monkeypatch.setattr("registry.chain.watching._RESENDS", (0.0, 0.0))


@pytest.fixture(params=LIES)
def lie(request: pytest.FixtureRequest) -> str:
    """How the node fails."""
    return str(request.param)


@pytest.fixture
def owner(place: ChainScenario) -> RegistryClient:
    """The owner, who has a model with a version, over a sound node."""
    client = place.client(OWNER)
    client.register("lantern")
    return client


def twice(place: ChainScenario, liar: Liar, act: Callable[[RegistryClient], Any]) -> Any:
    """Acts through a lying node, in vain, and again as another process would; returns that."""
    with LyingNode(place.gateway.url, liar) as node:
        with pytest.raises(ChainError, match="run the same command again"):
            act(place.client(OWNER, gateway=connect(node.url)))
        liar.cured()
        return act(place.client(OWNER, gateway=connect(node.url)))


def sent(place: ChainScenario) -> int:
    """How many transactions of the owner's are in blocks."""
    return place.gateway.quantity("eth_getTransactionCount", [OWNER.address, "latest"])


def test_a_deposit_is_made_once_and_a_later_one_is_made_too(
    place: ChainScenario, owner: RegistryClient, lie: str
) -> None:
    twice(place, Liar(lie, 1), lambda c: c.stakes.deposit(100))
    assert owner.stakes.of().free == 100
    contracts = owner.connection.contracts
    spender = contracts["StakeVault"].address
    assert contracts["RewardToken"].read("allowance", OWNER.address, spender) == 0
    place.client(OWNER).stakes.deposit(100)
    assert owner.stakes.of().free == 200


def test_a_grant_of_a_key_is_recorded_once(
    place: ChainScenario, owner: RegistryClient, lie: str
) -> None:
    owner.register("secret", Visibility.PRIVATE)
    folder = place.work / "sealed"
    folder.mkdir()
    (folder / "README.md").write_text("# Secret\n")
    owner.publish(folder, "secret")
    before = sent(place)
    key = public_key_of(PUBLISHER)
    expiry = place.gateway.timestamp() + 7 * 86_400
    later = iter((expiry, expiry + 1))  # as `--days` reckons it in each run
    twice(place, Liar(lie), lambda c: c.grant("secret", PUBLISHER.address, key, next(later)))
    assert sent(place) == before + 1
    assert [g.user for g in owner.grants("secret")].count(PUBLISHER.address) == 1


def terms(client: RegistryClient, now: int, budget: int) -> RoundTerms:
    """A round that opens now."""
    token = client.connection.deployment.address("RewardToken") if budget else ZERO_ADDRESS
    enrolment, commit, reveal, proposal = (now + 1_000 * step for step in range(1, 5))
    model, lattice = client.model("lantern"), Lattice(16, -12, 8, 0)
    return RoundTerms(
        model.model_id, 1, label_word("fedavg", "strategy"), b"\x09" * 32, lattice,
        enrolment, commit, reveal, proposal,
        500, 1, 4, ZERO_ID, 1_000, token, budget, -(-budget // 40),
    )  # fmt: skip


def test_a_round_is_opened_once_though_its_deadlines_move(
    place: ChainScenario, owner: RegistryClient, card: Path, lie: str
) -> None:
    owner.publish(card, "lantern")
    now = place.gateway.timestamp() + 10
    clock = iter((now, now + 3))
    token = owner.connection.deployment.address("RewardToken")

    def open_round(client: RegistryClient) -> bytes:
        return client.rounds.open(terms(client, next(clock), 50), token, 58)  # 4 forfeits of 2

    found = twice(place, Liar(lie, 1), open_round)
    assert [r.round_id for r in owner.rounds.of_model(owner.model("lantern"))] == [found]
    spender = owner.connection.contracts["TrainingRounds"].address
    allowance = owner.connection.contracts["RewardToken"].read("allowance", OWNER.address, spender)
    assert allowance == 0


def test_the_next_round_of_the_same_terms_is_another(
    place: ChainScenario, owner: RegistryClient, card: Path
) -> None:
    owner.publish(card, "lantern")
    now = place.gateway.timestamp() + 10
    first = owner.rounds.open(terms(owner, now, 0), ZERO_ADDRESS, 0)
    second = owner.rounds.open(terms(owner, now, 0), ZERO_ADDRESS, 0)
    assert first != second


def test_a_version_is_published_once(
    place: ChainScenario, owner: RegistryClient, card: Path, lie: str
) -> None:
    before = sent(place)
    version = twice(place, Liar(lie), lambda c: c.publish(card, "lantern"))
    assert version.number == 1
    assert [v.number for v in owner.versions("lantern")] == [1]
    assert sent(place) == before + 1
    assert list((place.settings(OWNER).state / "sending").rglob("*.json")) == []


def test_a_deployment_creates_each_contract_once(
    place: ChainScenario, tmp_path: Path, lie: str
) -> None:
    before, folder = sent(place), tmp_path / "elsewhere"
    liar = Liar(lie, 3)
    with LyingNode(place.gateway.url, liar) as node:
        waiting = WaitPolicy(timeout=0.5)
        sender = TransactionSender(connect(node.url), OWNER, tmp_path / "deployer", waiting)
        with pytest.raises(ChainError, match="again"):
            deploy(connect(node.url), SenderExecutor(sender), folder)
        liar.cured()
        sender = TransactionSender(connect(node.url), OWNER, tmp_path / "deployer", waiting)
        made = deploy(connect(node.url), SenderExecutor(sender), folder)
    assert sent(place) == before + len(made.contracts)


def test_what_is_found_is_told_and_again_sends_in_addition(
    place: ChainScenario, owner: RegistryClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        twice(place, Liar("hidden", 1), lambda c: c.stakes.deposit(100))
    assert "of an earlier run is in block" in caplog.text
    assert "nothing was sent" in caplog.text
    liar = Liar("hidden", 1)
    with LyingNode(place.gateway.url, liar) as node, pytest.raises(ChainError):
        place.client(OWNER, gateway=connect(node.url)).stakes.deposit(100)
    again = TransactionSender(place.gateway, OWNER, place.settings(OWNER).state, again=True)
    client = place.client(OWNER)
    client.connection.sender = again
    contracts = client.connection.contracts
    for name, contract in list(contracts.items()):
        contracts[name] = Contract(name, contract.address, place.gateway, again)
    client.stakes.deposit(100)
    assert owner.stakes.of().free == 300


def test_a_damaged_journal_is_refused_with_its_path_and_the_remedy(
    place: ChainScenario, owner: RegistryClient
) -> None:
    with LyingNode(place.gateway.url, Liar("hidden")) as node, pytest.raises(ChainError):
        place.client(OWNER, gateway=connect(node.url)).add_publisher("lantern", PUBLISHER.address)
    (path,) = (place.settings(OWNER).state / "sending").rglob("*.json")
    text = path.read_text()
    for damaged in ("", "{", "[]", text[:-9], text.replace('["02', '["0202'), "{}"):
        path.write_text(damaged)
        with pytest.raises(ConfigError, match="damaged journal") as caught:
            place.client(OWNER).add_publisher("lantern", PUBLISHER.address)
        assert str(path) in str(caught.value)


@given(runs=st.lists(st.sampled_from(LIES), min_size=1, max_size=3))
@settings(
    max_examples=5,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_however_often_runs_are_cut_the_deposit_is_made_once(
    place: ChainScenario, owner: RegistryClient, runs: list[str]
) -> None:
    before = owner.stakes.of().free
    for lie in runs:
        with LyingNode(place.gateway.url, Liar(lie, 1)) as node:
            try:
                place.client(OWNER, gateway=connect(node.url)).stakes.deposit(100)
                return  # an earlier run's was found through the one honest send
            except ChainError:
                pass
            finally:
                free = owner.stakes.of().free
                assert free in (before, before + 100)
    place.client(OWNER).stakes.deposit(100)
    assert owner.stakes.of().free == before + 100
