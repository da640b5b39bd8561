"""Names of models and versions: how they are read, and what they mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from eth_utils.address import to_checksum_address
from hypothesis import given
from hypothesis import strategies as st
from tests_roles import OWNER, PUBLISHER, STRANGER

from registry.addresses import parse_address
from registry.client import RegistryClient
from registry.errors import ConfigError
from registry.usecases.references import ModelReference, parse_reference

ADDRESS = OWNER.address
words = st.lists(st.text("abcz019", min_size=1, max_size=8), min_size=1, max_size=3)
slugs = st.builds(str.join, st.sampled_from("-_."), words)
channels = st.builds(str.join, st.just("-"), words)


@given(slugs, st.binary(min_size=20, max_size=20), channels, st.integers(0, 10**9))
def test_what_is_written_is_what_is_read(
    slug: str, owner: bytes, channel: str, number: int
) -> None:
    address = str(to_checksum_address(owner))
    assert parse_reference(slug) == ModelReference(slug)
    assert parse_reference(f"{slug}@{channel}") == ModelReference(slug, channel=channel)
    assert parse_reference(f"{slug}:{number}") == ModelReference(slug, number=number)
    whole = parse_reference(f"{address}/{slug}@{channel}")
    assert whole == ModelReference(slug, address, channel)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "@production",
        ":1",
        "a@b:1",
        "a:1@b",
        "a:-1",
        "a:one",
        "a@",
        "a:",
        "a/b",
        "0x12/a",
        f"{ADDRESS}/",
        "a--b",
        "-a",
        "a.",
        "a_-b",
        "a b",
        "a" * 65,
        "lаntern",  # a Cyrillic letter (T-24)
        "lan\u200btern",
        "../etc",
    ],
)
def test_m1_t24_other_text_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected"):
        parse_reference(text)


def test_letters_of_names_are_small() -> None:
    assert parse_reference("LanTern").slug == "lantern"


@pytest.mark.parametrize("text", [ADDRESS, ADDRESS.lower(), "0x" + ADDRESS[2:].upper()])
def test_an_address_gets_its_checksum(text: str) -> None:
    assert parse_address(text) == ADDRESS
    assert parse_reference(f"{text}/lantern").owner == ADDRESS


@pytest.mark.parametrize(
    "text", ["", "0x", ADDRESS[:-1], ADDRESS + "0", ADDRESS[2:], "0x" + ADDRESS[2:].swapcase()]
)
def test_a_mistyped_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="expected an address"):
        parse_address(text)


def published(place: ChainScenario, card: Path, times: int) -> RegistryClient:
    """The owner's client, with a model of so many versions."""
    client = place.client(OWNER)
    for number in range(1, times + 1):
        (card / "README.md").write_text(f"# Number {number}\n")
        client.publish(card, "lantern")
    return client


def test_a_bare_name_means_the_newest_version(place: ChainScenario, card: Path) -> None:
    assert published(place, card, 3).version("lantern").number == 3


def test_a_bare_name_passes_over_what_was_yanked(place: ChainScenario, card: Path) -> None:
    client = published(place, card, 3)
    client.yank("lantern:3", "bad")
    assert client.version("lantern").number == 2


def test_a_bare_name_means_production_where_that_is_set(place: ChainScenario, card: Path) -> None:
    client = published(place, card, 3)
    client.set_channel("lantern", "production", 1)
    assert client.version("lantern").number == 1
    client.set_channel("lantern", "canary", 2)
    assert client.version("lantern@canary").number == 2
    assert client.version("lantern:3").number == 3


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("lantern@canary", "has no channel 'canary'; see `tally channel history`"),
        ("lantern:9", "has no version 9; see `tally version list lantern`"),
        ("lamp", "no model named 'lamp' is registered; see `tally model list`"),
        (f"{STRANGER.address}/lantern", "no model named 'lantern'"),
    ],
)
def test_what_is_not_there_is_said_with_where_to_look(
    place: ChainScenario, card: Path, name: str, says: str
) -> None:
    client = published(place, card, 1)
    with pytest.raises(ConfigError, match=says):
        client.version(name)


def test_a_model_without_a_version_has_none_to_mean(place: ChainScenario) -> None:
    client = place.client(OWNER)
    client.register("lantern")
    with pytest.raises(ConfigError, match="lantern has no version yet"):
        client.version("lantern")


def test_t23_of_two_models_of_one_name_each_owner_means_the_own_one(place: ChainScenario) -> None:
    for who in (OWNER, PUBLISHER):
        place.client(who).register("lantern")
    for who in (OWNER, PUBLISHER):
        assert place.client(who).model("lantern").owner == who.address
        assert place.client().model(f"{who.address}/lantern").owner == who.address


def test_t23_of_two_models_of_one_name_others_have_to_say_which(place: ChainScenario) -> None:
    for who in (OWNER, PUBLISHER):
        place.client(who).register("lantern")
    with pytest.raises(ConfigError, match="say which of") as caught:
        place.client().model("lantern")
    assert f"{OWNER.address}/lantern" in str(caught.value)
    assert f"{PUBLISHER.address}/lantern" in str(caught.value)
