"""Journey: publishing is cut anywhere and run again; there is one version in the end.

A cut is a `PowerCut`, which nothing catches, raised where the machine would have lost its power.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, final

import pytest
from chain_parties import ChainScenario, Forward, PowerCut, WatchedGateway
from tests_roles import OWNER, PUBLISHER

from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.client import RegistryClient
from registry.errors import ConfigError, NodeUnavailable, StorageError, StoreUnavailable
from registry.hashing import keccak256
from registry.storage import Cid, LocalStore, Store
from registry.types import Version


@final
class FailingStore(Store):
    """A store that fails when told to, and counts the blocks that were sent to it."""

    def __init__(self, inner: Store, before_write: Callable[[int], None]) -> None:
        self._inner, self._before_write = inner, before_write
        self.sent: Counter[Cid] = Counter()
        self.keeps_pins = True

    @property
    def parallelism(self) -> int:
        """That of the store inside."""
        return self._inner.parallelism

    def has_block(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.has_block(cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Keeps a block, unless this is where it fails."""
        self._before_write(sum(self.sent.values()))
        self._inner.write_block(cid, data)
        self.sent[cid] += 1

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """As the store inside says."""
        return self._inner.read_block(cid, limit)

    def pin(self, cid: Cid) -> None:
        """Pins, or only says so."""
        if self.keeps_pins:
            self._inner.pin(cid)

    def unpin(self, cid: Cid) -> None:
        """As the store inside does."""
        self._inner.unpin(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """As the store inside says."""
        return self._inner.is_pinned(cid)

    def close(self) -> None:
        """Nothing is held open."""


def failing_from(number: int, error: BaseException) -> Callable[[int], None]:
    """Fails at every block after the first `number`."""

    def check(sent: int) -> None:
        if sent >= number:
            raise error

    return check


def registered(place: ChainScenario) -> RegistryClient:
    """A client of the owner, whose model has no version yet."""
    client = place.client(OWNER)
    client.register("lantern")
    return client


def versions(place: ChainScenario) -> list[Version]:
    """What the chain says of the model's versions."""
    return place.client().versions("lantern")


def sent_by_owner(place: ChainScenario) -> int:
    """How many transactions of the owner's are in blocks."""
    count = place.gateway.request("eth_getTransactionCount", [OWNER.address, "latest"])
    return int(count, 16)


@pytest.mark.parametrize(
    "error", [StoreUnavailable("no answer"), StorageError("disk full"), PowerCut()]
)
@pytest.mark.parametrize("blocks", [0, 2])
def test_t5_t6_a_store_that_fails_writes_nothing_to_the_chain_and_is_resumed(
    place: ChainScenario, model_folder: Path, blocks: int, error: BaseException
) -> None:
    registered(place)
    before, inner = sent_by_owner(place), LocalStore(place.storage)
    down = FailingStore(inner, failing_from(blocks, error))
    with pytest.raises(type(error)):
        place.client(OWNER, store=down).publish(model_folder, "lantern")
    assert sent_by_owner(place) == before
    again = FailingStore(inner, lambda sent: None)
    version = place.client(OWNER, store=again).publish(model_folder, "lantern")
    assert version.number == 1
    assert set((down.sent + again.sent).values()) == {1}, "a block was sent twice"
    assert sum(down.sent.values()) == blocks


def test_t10_a_store_that_loses_the_pin_is_noticed_before_the_chain_is_written(
    place: ChainScenario, model_folder: Path
) -> None:
    registered(place)
    before = sent_by_owner(place)
    careless = FailingStore(LocalStore(place.storage), lambda sent: None)
    careless.keeps_pins = False
    with pytest.raises(StorageError, match="did not keep the pin"):
        place.client(OWNER, store=careless).publish(model_folder, "lantern")
    assert sent_by_owner(place) == before


def cut_client(place: ChainScenario, method: str, *, after: bool) -> RegistryClient:
    """A client of the owner whose power is cut at a request, before or after the node has it."""

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        answer = forward() if name != method or after else None
        if name == method:
            raise PowerCut
        return answer

    return place.client(OWNER, gateway=WatchedGateway.over(connect(place.gateway.url), around))


@pytest.mark.parametrize(
    ("method", "after"),
    [
        ("eth_estimateGas", False),
        ("eth_sendRawTransaction", False),
        ("eth_sendRawTransaction", True),
        ("eth_getTransactionReceipt", False),
    ],
    ids=["between storage and chain", "before sending", "after sending", "while waiting"],
)
def test_t11_a_crash_anywhere_leaves_one_version_after_the_next_run(
    place: ChainScenario, model_folder: Path, method: str, after: bool
) -> None:
    registered(place)
    before = sent_by_owner(place)
    with pytest.raises(PowerCut):
        cut_client(place, method, after=after).publish(model_folder, "lantern")
    found = place.client(OWNER).publish(model_folder, "lantern")
    assert [v.version_id for v in versions(place)] == [found.version_id]
    assert sent_by_owner(place) == before + 1
    assert place.client(OWNER).publish(model_folder, "lantern") == found
    assert sent_by_owner(place) == before + 1


def test_t11_the_next_run_sends_the_very_transaction_that_was_signed(
    place: ChainScenario, model_folder: Path
) -> None:
    registered(place)
    with pytest.raises(PowerCut):
        cut_client(place, "eth_sendRawTransaction", after=False).publish(model_folder, "lantern")
    (journal,) = (place.settings(OWNER).state / "sending").rglob("*.json")
    attempts = json.loads(journal.read_text())["attempts"]
    signed = ["0x" + keccak256(bytes.fromhex(raw)).hex() for raw in attempts]
    client = place.client(OWNER)
    client.publish(model_folder, "lantern")
    event = client.connection.index.events[-1]
    assert event.name == "VersionPublished"
    assert event.transaction_hash in signed
    assert not journal.exists()


def test_t12_an_answer_lost_after_sending_publishes_once(
    place: ChainScenario, model_folder: Path
) -> None:
    registered(place)
    before, answers = sent_by_owner(place), []

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        answer = forward()
        if name == "eth_sendRawTransaction":
            answers.append(answer)
            if len(answers) == 1:
                raise NodeUnavailable("the answer was lost")
        return answer

    gateway = WatchedGateway.over(connect(place.gateway.url), around)
    version = place.client(OWNER, gateway=gateway).publish(model_folder, "lantern")
    assert version.number == len(versions(place)) == 1
    assert sent_by_owner(place) == before + 1


def test_t1_a_publish_that_a_reorg_drops_is_sent_again_once(
    place: ChainScenario, model_folder: Path
) -> None:
    client = registered(place)
    first = client.publish(model_folder, "lantern")
    place.gateway.request("anvil_rollback", [1])
    assert client.versions("lantern") == []
    again = client.publish(model_folder, "lantern")
    assert again.version_id == first.version_id
    assert len(versions(place)) == 1


def test_t32_of_two_publishers_of_one_number_one_wins_and_the_other_is_told(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    registered(place).add_publisher("lantern", PUBLISHER.address)
    other = tmp_path / "other"
    other.mkdir()
    (other / "README.md").write_text("# From the other publisher\n")
    winners: list[Version] = []

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        if name == "eth_estimateGas" and not winners:
            winners.append(place.client(OWNER).publish(model_folder, "lantern"))
        return forward()

    gateway = WatchedGateway.over(connect(place.gateway.url), around)
    late = place.client(PUBLISHER, gateway=gateway)
    with pytest.raises(error_classes()["VersionNumberTaken"], match="publish again"):
        late.publish(other, f"{OWNER.address}/lantern")
    assert late.publish(other, f"{OWNER.address}/lantern").number == 2
    assert [v.publisher for v in versions(place)] == [OWNER.address, PUBLISHER.address]


def test_t32_a_former_owner_cannot_publish(place: ChainScenario, model_folder: Path) -> None:
    owner, heir = registered(place), place.client(PUBLISHER)
    owner.transfer("lantern", PUBLISHER.address)
    heir.accept("lantern")
    with pytest.raises(ConfigError, match="may not publish"):
        owner.publish(model_folder, f"{PUBLISHER.address}/lantern")
    assert heir.publish(model_folder, "lantern").publisher == PUBLISHER.address
