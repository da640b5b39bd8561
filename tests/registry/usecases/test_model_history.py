"""Histories: dates, who and why, and nothing that happened leaves them (M-13).

given a channel that was moved and rolled back
  then its history holds each stretch with who put it there, and the roll-back as one
  when asked what ran at a moment: the stretch that lasted then
given grants, publishers, yanks and an offer
  then each is an entry with who did it and why, also after it was taken back
given a round of the model
  when a stranger publishes a version of its own that names it: it stands in no history but its own
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario, WatchedGateway
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.structs import Lattice, RoundTerms
from registry.client import RegistryClient
from registry.documents.labels import label_word
from registry.errors import NodeUnsound
from registry.types import ZERO_ID, Visibility
from registry.usecases.model_history import ChannelPeriod
from registry.usecases.publishing import VersionMetadata


def publish(client: RegistryClient, card: Path, name: str, number: int) -> None:
    (card / "README.md").write_text(f"# Number {number}\n")
    client.publish(card, name)


def later(place: ChainScenario, seconds: int) -> None:
    place.gateway.request("evm_increaseTime", [seconds])
    place.gateway.request("evm_mine", [])


def opened_round(place: ChainScenario, client: RegistryClient, name: str) -> bytes:
    now = place.gateway.timestamp()
    enrolment, commit, reveal, proposal = (now + 200_000 * step for step in range(1, 5))
    terms = RoundTerms(
        client.model(name).model_id, 1, label_word("fedavg", "strategy"), b"\x09" * 32,
        Lattice(16, -12, 8, 0), enrolment, commit, reveal, proposal,
        500, 1, 3, ZERO_ID, 100, ZERO_ADDRESS, 0, 0,
    )  # fmt: skip
    return client.rounds.open(terms, ZERO_ADDRESS, 0)


def test_m13_a_roll_back_is_an_entry_and_ends_none(place: ChainScenario, card: Path) -> None:
    owner, publisher = place.client(OWNER), place.client(PUBLISHER)
    for number in (1, 2):
        publish(owner, card, "lantern", number)
    owner.add_publisher("lantern", PUBLISHER.address)
    owner.set_channel("lantern", "production", 1)
    later(place, 86_400)
    publisher.set_channel("lantern", "production", 2)
    later(place, 86_400)
    owner.roll_back("lantern", "production")
    first, second, third = owner.channel_history("lantern")
    told = [(p.version, p.who, p.rolled_back) for p in (first, second, third)]
    assert told == [
        (1, OWNER.address, False),
        (2, PUBLISHER.address, False),
        (1, OWNER.address, True),
    ]
    assert first.until == second.since >= first.since + 86_400
    assert second.until == third.since >= second.since + 86_400
    assert third.until is None
    assert third.since == place.gateway.timestamp()


@pytest.mark.parametrize(
    ("first", "end", "lasted"),
    [(0, 10, False), (0, 11, True), (10, 11, True), (19, 20, True), (20, 21, False), (5, 50, True)],
)
def test_m13_what_a_channel_pointed_to_at_a_moment(first: int, end: int, lasted: bool) -> None:
    assert ChannelPeriod("production", 1, 10, 20, "", False).overlaps(first, end) is lasted
    assert ChannelPeriod("production", 1, 10, None, "", False).overlaps(first, end) is (end > 10)


def test_m13_every_kind_of_entry_says_who_and_why(place: ChainScenario, card: Path) -> None:
    owner = place.client(OWNER)
    publish(owner, card, "lantern", 1)
    owner.deprecate("lantern:1", "old")
    owner.yank("lantern:1", "wrong labels")
    owner.restore("lantern:1")
    owner.add_publisher("lantern", PUBLISHER.address)
    owner.remove_publisher("lantern", PUBLISHER.address)
    owner.transfer("lantern", HOSPITAL.address)
    place.client(HOSPITAL).accept("lantern")
    entries = place.client().history(f"{HOSPITAL.address}/lantern")
    assert [(e.who, e.told.what, e.told.why) for e in entries] == [
        (OWNER.address, "registered as lantern", ""),
        (OWNER.address, "is public", ""),
        (OWNER.address, "version 1 published", ""),
        (OWNER.address, "version 1 deprecated", "old"),
        (OWNER.address, "version 1 yanked", "wrong labels"),
        (OWNER.address, "version 1 restored", ""),
        (OWNER.address, f"{PUBLISHER.address} may publish", ""),
        (OWNER.address, f"{PUBLISHER.address} may no longer publish", ""),
        (OWNER.address, f"offered to {HOSPITAL.address}", ""),
        (HOSPITAL.address, f"owned by {HOSPITAL.address}", ""),
    ]
    assert [e.time for e in entries] == sorted(e.time for e in entries)
    assert entries[-1].time == place.gateway.timestamp()


def test_m13_a_grant_and_its_end_stay_in_the_history(place: ChainScenario, card: Path) -> None:
    owner = place.client(OWNER)
    owner.publish(card, "secret", visibility=Visibility.PRIVATE)
    owner.grant("secret", HOSPITAL.address, HOSPITAL.public_key, expiry=2**40)
    owner.grant("secret", STRANGER.address)
    owner.revoke("secret", HOSPITAL.address)
    told = [(e.told.what, e.told.until) for e in owner.history("secret") if e.told.user]
    assert told == [
        (f"{OWNER.address} may read it and has its key", 0),
        (f"{HOSPITAL.address} may read it and has its key", 2**40),
        (f"{STRANGER.address} may read it", None),
        (f"{HOSPITAL.address} may no longer read it", None),
    ]


def test_m13_another_model_s_events_are_not_in_it(place: ChainScenario, card: Path) -> None:
    owner, stranger = place.client(OWNER), place.client(STRANGER)
    publish(owner, card, "lantern", 1)
    stranger.register("lantern")
    assert len(owner.history("lantern")) == 3
    assert len(owner.history(f"{STRANGER.address}/lantern")) == 2


@pytest.mark.parametrize("change", ["0x1", None])
def test_m13_a_node_that_lies_about_a_time_is_found(
    place: ChainScenario, card: Path, change: str | None
) -> None:
    publish(place.client(OWNER), card, "lantern", 1)

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        answer = forward()
        if method != "eth_getBlockByHash":
            return answer
        return None if change is None else {**answer, "timestamp": change}

    reader = place.client(gateway=WatchedGateway.over(place.gateway, around))
    with pytest.raises(NodeUnsound):
        reader.history("lantern")


def test_m13_a_node_that_gives_another_block_or_transaction_is_not_believed(
    place: ChainScenario, card: Path
) -> None:
    owner = place.client(OWNER)
    publish(owner, card, "lantern", 1)
    owner.add_publisher("lantern", PUBLISHER.address)
    first = place.gateway.request("eth_getBlockByNumber", ["0x0", False])

    def of_another(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        return first if method == "eth_getBlockByHash" else forward()

    with pytest.raises(NodeUnsound, match="gives another block than"):
        place.client(gateway=WatchedGateway.over(place.gateway, of_another)).history("lantern")

    def by_another(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        changed = {"hash": "0x" + "ab" * 32, "from": STRANGER.address}
        return {**forward(), **changed} if method == "eth_getTransactionByHash" else forward()

    reader = place.client(gateway=WatchedGateway.over(place.gateway, by_another))
    assert reader.history("lantern")[-1].who == ""


def test_m13_terms_that_are_set_later_leave_the_first_grant_in(
    place: ChainScenario, card: Path
) -> None:
    owner = place.client(OWNER)
    publish(owner, card, "lantern", 1)
    owner.grant("lantern", STRANGER.address)
    owner.grant("lantern", STRANGER.address, expiry=2**40)
    told = [e.told.until for e in owner.history("lantern") if e.told.user == STRANGER.address]
    assert told == [None, 2**40]


def test_m13_a_sender_that_the_node_forgot_is_nobody(place: ChainScenario, card: Path) -> None:
    owner = place.client(OWNER)
    publish(owner, card, "lantern", 1)
    owner.add_publisher("lantern", PUBLISHER.address)

    def around(method: str, params: list[Any], forward: Callable[[], Any]) -> Any:
        return None if method == "eth_getTransactionByHash" else forward()

    reader = place.client(gateway=WatchedGateway.over(place.gateway, around))
    entries = reader.history("lantern")
    assert (entries[0].who, entries[-1].who) == (OWNER.address, "")


def test_lineage_names_models(place: ChainScenario, card: Path) -> None:
    owner, hospital = place.client(OWNER), place.client(HOSPITAL)
    publish(owner, card, "lantern", 1)
    folder = card.parent / "fetched"
    hospital.fetch("lantern:1", folder)
    (folder / "README.md").write_text("# Brighter\n")
    hospital.publish(folder, "torch", derived_from="lantern:1")
    names = [(a.depth, a.name) for a in hospital.lineage("torch")]
    assert names == [
        (0, f"{HOSPITAL.address}/torch:1"),
        (1, f"{OWNER.address}/lantern:1"),
    ]


def test_m13_a_stranger_s_version_that_names_a_round_is_in_no_other_history(
    place: ChainScenario, card: Path
) -> None:
    owner, stranger = place.client(OWNER), place.client(STRANGER)
    publish(owner, card, "lantern", 1)
    round_id = opened_round(place, owner, "lantern")
    before = owner.history("lantern")
    later(place, 86_400)
    stranger.register("lamp")
    stranger.publish(card, "lamp", VersionMetadata(round_id=round_id))
    assert owner.history("lantern") == before
    assert [e.told.what for e in before][-1] == "round 1 opened"
    (told,) = [e for e in stranger.history("lamp") if e.told.published]
    assert told.who == STRANGER.address
