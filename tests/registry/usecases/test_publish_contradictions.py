"""T-49: what was asked for is held against what is recorded before a byte is stored.

given a model that is public
  when its next version is asked to be private: it is refused, and nothing new is stored
given a name that is new
  when the files are refused: the name stays free, whatever was asked for
given a version that was yanked
  when its content is published again: it is refused, with the reason and what to do
given a text that the chain can't carry as it is
  when it is given as a licence, channel or reason: it is refused before anything is stored
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import OWNER, PUBLISHER, STRANGER

from registry.client import VersionMetadata
from registry.errors import ConfigError, ManifestError
from registry.types import Visibility


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another model's folder."""
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "README.md").write_text("# secret\n")
    return folder


def _blocks(place: ChainScenario) -> int:
    return sum(1 for path in (Path(place.storage) / "blocks").rglob("*") if path.is_file())


def test_t49_a_private_version_of_a_public_model_is_refused_before_a_byte_is_stored(
    place: ChainScenario, card: Path, other: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "p")
    before = _blocks(place)
    with pytest.raises(ConfigError, match="p is a public model, and private was asked for"):
        client.publish(other, "p", visibility=Visibility.PRIVATE)
    assert _blocks(place) == before
    assert len(client.versions("p")) == 1


def test_t49_a_public_version_of_a_private_model_is_refused(
    place: ChainScenario, card: Path, other: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "q", visibility=Visibility.PRIVATE)
    with pytest.raises(ConfigError, match="q is a private model, and public was asked for"):
        client.publish(other, "q", visibility=Visibility.PUBLIC)
    sealed = client.publish(other, "q")
    assert sealed.number == 2
    assert client.model("q").visibility is Visibility.PRIVATE


@pytest.mark.parametrize("visibility", [None, Visibility.PRIVATE])
@pytest.mark.parametrize("fault", ["a pickle", "a licence too long", "an odd licence", "no file"])
def test_t49_a_first_publish_that_fails_leaves_the_name_free(
    place: ChainScenario, other: Path, visibility: Visibility | None, fault: str
) -> None:
    client, description = place.client(OWNER), VersionMetadata()
    if fault == "a pickle":
        (other / "model.pkl").write_bytes(b"\x80\x04.")
    elif fault == "a licence too long":
        description = VersionMetadata(licence="L" * 33)
    elif fault == "an odd licence":
        description = VersionMetadata(licence="Lizenzä")
    else:
        (other / "README.md").unlink()
    before = _blocks(place)
    with pytest.raises((ConfigError, ManifestError)):
        client.publish(other, "fresh", description, visibility=visibility)
    assert client.models() == []
    assert _blocks(place) == before


def test_t49_whoever_may_publish_two_models_of_a_name_means_its_own(
    place: ChainScenario, card: Path
) -> None:
    owner, publisher = place.client(OWNER), place.client(PUBLISHER)
    for client in (owner, publisher):
        client.register("lantern")
    owner.add_publisher("lantern", PUBLISHER.address)
    publisher.publish(card, "lantern")
    assert len(publisher.versions(f"{PUBLISHER.address}/lantern")) == 1
    publisher.publish(card, f"{OWNER.address}/lantern")
    assert len(owner.versions("lantern")) == 1


def test_t49_a_name_with_a_channel_or_a_number_is_refused(place: ChainScenario, card: Path) -> None:
    client = place.client(OWNER)
    with pytest.raises(ConfigError, match="give --channel production"):
        client.publish(card, "m@production")
    with pytest.raises(ConfigError, match="expected a name alone, got 'm:3'"):
        client.publish(card, "m:3")
    with pytest.raises(ConfigError, match="channel: expected"):
        client.publish(card, "m", channel="Früh")
    assert client.models() == []


def test_content_that_was_yanked_is_not_published_again_in_silence(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "y")
    client.yank("y:1", "leaks a name")
    with pytest.raises(
        ConfigError, match=r"y:1, which was yanked \(leaks a name\).*version restore"
    ):
        client.publish(card, "y", channel="production")
    client.restore("y:1")
    assert client.publish(card, "y", channel="production").number == 1


def test_m10_a_reason_that_the_chain_refuses_is_refused_here(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "r")
    with pytest.raises(ConfigError, match="reason: expected no control characters"):
        client.yank("r:1", "\x1b]0;owned\x07")
    with pytest.raises(ConfigError, match="reason: expected at most 256 bytes"):
        client.deprecate("r:1", "ä" * 129)


def test_whoever_was_revoked_still_holds_the_key_and_is_named(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "k", visibility=Visibility.PRIVATE)
    client.grant("k", STRANGER.address, STRANGER.public_key)
    assert client.revoked_readers("k") == frozenset()
    client.revoke("k", STRANGER.address)
    assert client.revoked_readers("k") == {STRANGER.address}
    client.grant("k", STRANGER.address, STRANGER.public_key)
    assert client.revoked_readers("k") == frozenset()


@pytest.mark.parametrize("visibility", [None, Visibility.PRIVATE])
def test_a_bare_name_never_means_a_model_that_somebody_else_prepared(
    place: ChainScenario, card: Path, visibility: Visibility | None
) -> None:
    """An owner names publishers without their consent, under any name and key of its choice."""
    thief, victim = place.client(STRANGER), place.client(OWNER)
    thief.register("secret", visibility or Visibility.PUBLIC)
    thief.add_publisher("secret", OWNER.address)
    before = _blocks(place)
    choice = f"say {STRANGER.address}/secret, or {OWNER.address}/secret for a new one"
    with pytest.raises(ConfigError, match=choice):
        victim.publish(card, "secret", visibility=visibility)
    assert _blocks(place) == before
    own = victim.publish(card, f"{OWNER.address}/secret", visibility=visibility)
    assert victim.model(f"{OWNER.address}/secret").model_id == own.model_id
    assert len(thief.versions(f"{STRANGER.address}/secret")) == 0


def test_a_new_expiry_keeps_the_key_that_a_reader_has(place: ChainScenario, card: Path) -> None:
    client = place.client(OWNER)
    client.publish(card, "k", visibility=Visibility.PRIVATE)
    client.grant("k", STRANGER.address, STRANGER.public_key)
    (before,) = (g for g in client.grants("k") if g.user == STRANGER.address)
    client.grant("k", STRANGER.address, expiry=2**40)
    (after,) = (g for g in client.grants("k") if g.user == STRANGER.address)
    assert (after.expiry, after.wrapped_key_digest) == (2**40, before.wrapped_key_digest)
