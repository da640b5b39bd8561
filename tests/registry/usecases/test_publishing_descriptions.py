"""What a publisher says of a version, and what the chain and the manifest then say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from chain_parties import ChainScenario, Forward, WatchedGateway
from tests_roles import HOSPITAL, OWNER, PUBLISHER, STRANGER

from registry.chain.gateway import connect
from registry.chain.reverts import error_classes
from registry.client import RegistryClient, VersionMetadata
from registry.config import Settings
from registry.crypto import public_key_of
from registry.documents.manifest import Manifest
from registry.errors import ConfigError, ManifestError
from registry.storage import RAW, Cid, LocalStore
from registry.types import Visibility


def sent_by_owner(place: ChainScenario) -> int:
    """How many transactions of the owner's are in blocks."""
    count = place.gateway.request("eth_getTransactionCount", [OWNER.address, "latest"])
    return int(count, 16)


def test_c2_the_manifest_says_what_was_said(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    parent = client.publish(card, "lantern")
    (card / "README.md").write_text("# The second\n")
    said = VersionMetadata("pytorch", "small", "MIT", (parent.version_id,), metadata={"seed": "7"})
    version = client.publish(card, "lantern", said)
    manifest = client.fetch("lantern:2", tmp_path / "got")
    assert (manifest.framework, manifest.architecture, manifest.licence) == said_of(said)
    assert (manifest.parents, dict(manifest.metadata)) == ((parent.version_id,), {"seed": "7"})
    assert (version.licence, version.parents) == ("MIT", (parent.version_id,))
    assert not (card / "manifest.json").exists(), "the publisher's own folder is left as it is"


def said_of(description: VersionMetadata) -> tuple[str, str, str]:
    """The three names of a description."""
    return description.framework, description.architecture, description.licence


def test_a_folder_s_own_manifest_and_a_description_have_to_agree(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    manifest = Manifest.build(card, licence="MIT")
    (card / "manifest.json").write_bytes(manifest.to_json())
    before = sent_by_owner(place)
    client.register("lantern")
    with pytest.raises(ConfigError, match=r"says licence 'MIT', expected 'Apache-2.0'"):
        client.publish(card, "lantern", VersionMetadata(licence="Apache-2.0"))
    assert sent_by_owner(place) == before + 1, "registered, and nothing published"
    assert client.publish(card, "lantern").licence == "MIT"


def test_a_manifest_that_does_not_match_is_not_published(place: ChainScenario, card: Path) -> None:
    (card / "manifest.json").write_bytes(Manifest.build(card).to_json())
    (card / "README.md").write_text("# Another lantern\n")
    client = place.client(OWNER)
    client.register("lantern")
    with pytest.raises(ManifestError, match=r"README\.md"):
        client.publish(card, "lantern")
    assert client.versions("lantern") == []


def test_a_licence_s_name_has_32_letters_at_most(place: ChainScenario, card: Path) -> None:
    client = place.client(OWNER)
    assert client.publish(card, "short", VersionMetadata(licence="L" * 32)).licence == "L" * 32
    with pytest.raises(ConfigError, match="licence: expected 0 to 32 printable ASCII"):
        client.publish(card, "long", VersionMetadata(licence="L" * 33))


def test_m5_a_parent_has_to_exist(place: ChainScenario, card: Path) -> None:
    with pytest.raises(error_classes()["UnknownParent"]):
        place.client(OWNER).publish(card, "lantern", VersionMetadata(parents=(b"\x01" * 32,)))


def test_publishing_again_finds_what_is_there(place: ChainScenario, card: Path) -> None:
    client = place.client(OWNER)
    first = client.publish(card, "lantern", channel="production")
    before = sent_by_owner(place)
    assert client.publish(card, "lantern", channel="production") == first
    assert sent_by_owner(place) == before


def test_private_content_published_again_is_the_same_content(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    first = client.publish(card, "sealed", visibility=Visibility.PRIVATE)
    assert client.publish(card, "sealed") == first
    blocks = [b.read_bytes() for b in Path(place.storage).rglob("*") if b.is_file()]
    assert not [b for b in blocks if b"A lantern" in b]


def test_a_publisher_publishes_the_owner_s_model(place: ChainScenario, card: Path) -> None:
    owner, helper = place.client(OWNER), place.client(PUBLISHER)
    owner.register("lantern")
    owner.add_publisher("lantern", PUBLISHER.address)
    version = helper.publish(card, f"{OWNER.address}/lantern", channel="production")
    assert version.publisher == PUBLISHER.address
    owner.remove_publisher("lantern", PUBLISHER.address)
    (card / "README.md").write_text("# Later\n")
    with pytest.raises(ConfigError, match="may not publish"):
        helper.publish(card, f"{OWNER.address}/lantern")


def test_a_model_s_description_is_stored_under_its_digest(place: ChainScenario) -> None:
    model = place.client(OWNER).register("lantern", description=b"# For dark nights\n")
    store = LocalStore(place.storage)
    cid = Cid(RAW, model.description_digest)
    assert store.get_block(cid) == b"# For dark nights\n"
    assert store.is_pinned(cid)


def test_what_is_no_folder_is_refused_before_anything_is_registered(
    place: ChainScenario, tmp_path: Path
) -> None:
    client = place.client(OWNER)
    with pytest.raises(ConfigError, match="expected a folder"):
        client.publish(tmp_path / "nowhere", "lantern")
    assert client.models() == []


def test_a_reader_cannot_publish(place: ChainScenario, card: Path) -> None:
    with pytest.raises(ConfigError, match="a key is needed"):
        place.client().publish(card, "lantern")


def test_confirmations_are_waited_for_before_a_publish_is_told(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    gateway = connect(place.gateway.url)

    def around(name: str, params: list[Any], forward: Forward) -> Any:
        if name == "eth_blockNumber":  # time passes while somebody waits for blocks
            place.gateway.request("evm_mine", [])
        return forward()

    watched = WatchedGateway.over(gateway, around)
    settings = Settings(gateway.url, place.storage, place.deployments, tmp_path / "s", 3)
    base = place.client(OWNER).connection
    connection = type(base).assemble(watched, base.deployment, base.store, OWNER, settings)
    version = RegistryClient(connection).publish(card, "lantern")
    assert place.gateway.block_number() >= version.block_number + 3


@pytest.mark.parametrize("method", ["transfer", "add_publisher", "grant", "revoke", "has_access"])
def test_a_mistyped_address_never_reaches_the_chain(place: ChainScenario, method: str) -> None:
    client = place.client(OWNER)
    client.register("lantern")
    before = sent_by_owner(place)
    mistyped = "0x" + STRANGER.address[2:].swapcase()
    with pytest.raises(ConfigError, match="whose checksum is right"):
        getattr(client, method)("lantern", mistyped)
    assert sent_by_owner(place) == before


def test_a_grant_with_another_account_s_public_key_is_refused(
    place: ChainScenario, card: Path
) -> None:
    client = place.client(OWNER)
    client.publish(card, "sealed", visibility=Visibility.PRIVATE)
    with pytest.raises(ConfigError, match=f"expected the public key of {HOSPITAL.address}"):
        client.grant("sealed", HOSPITAL.address, public_key_of(STRANGER))
    assert not client.has_access("sealed", HOSPITAL.address)
