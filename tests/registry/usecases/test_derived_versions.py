"""Fetch, change, publish (M-15).

given a fetched version
  when it is changed and published from that: parent, licence, framework and architecture go along
  when it is published from it unchanged, or from another version than its manifest's: refused
  when something is said about it: that is what stands
  when it is private: what comes from it is, unless it is said to be public
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import HOSPITAL, OWNER

from registry.client import RegistryClient
from registry.documents.manifest import Manifest
from registry.errors import ConfigError, ManifestError
from registry.types import Visibility
from registry.usecases.publishing import VersionMetadata

SAID = VersionMetadata("pytorch", "resnet-18", "MIT", metadata={"note": "first"})


def fetched(
    place: ChainScenario, card: Path, visibility: Visibility
) -> tuple[RegistryClient, Path]:
    """The owner's client, and a published version as it was fetched."""
    client, folder = place.client(OWNER), card.parent / "fetched"
    client.publish(card, "lantern", SAID, visibility=visibility)
    client.fetch("lantern", folder)
    return client, folder


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_m15_what_the_parent_says_goes_along(
    place: ChainScenario, card: Path, visibility: Visibility
) -> None:
    client, folder = fetched(place, card, visibility)
    before = (folder / "manifest.json").read_bytes()
    (folder / "README.md").write_text("# Brighter\n")
    first = client.version("lantern:1")
    made = client.publish(folder, "lantern", derived_from="lantern:1")
    assert (made.number, made.parents, made.licence) == (2, (first.version_id,), "MIT")
    assert (folder / "manifest.json").read_bytes() == before  # nothing is written into the folder
    again = card.parent / "again"
    manifest = client.fetch("lantern:2", again)
    told = (manifest.framework, manifest.architecture, dict(manifest.metadata))
    assert told == ("pytorch", "resnet-18", {})
    assert (again / "README.md").read_text() == "# Brighter\n"
    assert client.publish(folder, "lantern", derived_from="lantern:1").number == 2


def test_m15_what_is_said_stands(place: ChainScenario, card: Path) -> None:
    client, folder = fetched(place, card, Visibility.PUBLIC)
    (folder / "README.md").write_text("# Brighter\n")
    said = VersionMetadata(licence="Apache-2.0", parents=(client.version("lantern:1").version_id,))
    made = client.publish(folder, "lantern", said, derived_from="lantern:1")
    assert (made.licence, len(made.parents)) == ("Apache-2.0", 1)


def test_m15_it_comes_first_among_the_parents(place: ChainScenario, card: Path) -> None:
    client, folder = fetched(place, card, Visibility.PUBLIC)
    (card / "README.md").write_text("# Another\n")
    other = client.publish(card, "torch").version_id
    (folder / "README.md").write_text("# Of both\n")
    said = VersionMetadata(parents=(other,))
    made = client.publish(folder, "lantern", said, derived_from="lantern:1")
    assert made.parents == (client.version("lantern:1").version_id, other)


def test_m15_a_folder_without_a_manifest_takes_it_over_too(
    place: ChainScenario, card: Path
) -> None:
    client, folder = fetched(place, card, Visibility.PUBLIC)
    (folder / "manifest.json").unlink()
    (folder / "README.md").write_text("# Brighter\n")
    assert client.publish(folder, "torch", derived_from="lantern:1").licence == "MIT"


@pytest.mark.parametrize("with_manifest", [True, False])
def test_m15_what_was_not_changed_is_no_version(
    place: ChainScenario, card: Path, with_manifest: bool
) -> None:
    client, folder = fetched(place, card, Visibility.PUBLIC)
    if not with_manifest:
        (folder / "manifest.json").unlink()
    with pytest.raises(ConfigError, match="is lantern:1 as it was fetched; change it"):
        client.publish(folder, "lantern", derived_from="lantern:1")


def test_m15_another_version_s_manifest_does_not_give_way(place: ChainScenario, card: Path) -> None:
    client, folder = fetched(place, card, Visibility.PUBLIC)
    (card / "README.md").write_text("# Second\n")
    client.publish(card, "lantern", SAID)
    (folder / "README.md").write_text("# Brighter\n")
    with pytest.raises(ManifestError, match=r"--from NAME:version"):
        client.publish(folder, "lantern", derived_from="lantern:2")
    with pytest.raises(ManifestError, match=r"--from NAME:version"):
        client.publish(folder, "lantern")
    assert len(client.versions("lantern")) == 2


def test_m15_a_private_parent_takes_its_key(place: ChainScenario, card: Path) -> None:
    _, folder = fetched(place, card, Visibility.PRIVATE)
    (folder / "README.md").write_text("# Brighter\n")
    with pytest.raises(ConfigError, match="is private and"):
        place.client(HOSPITAL).publish(folder, "torch", derived_from="lantern:1")


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_a_fetched_folder_is_verified_against_the_chain(
    place: ChainScenario, card: Path, visibility: Visibility
) -> None:
    client, folder = fetched(place, card, visibility)
    assert isinstance(client.verify(folder, "lantern"), Manifest)
    (folder / "README.md").write_text("# Changed\n")
    with pytest.raises(ManifestError):
        client.verify(folder, "lantern")
    (folder / "manifest.json").write_bytes(Manifest.build(folder).to_json())
    with pytest.raises(ManifestError, match="as the chain records"):
        client.verify(folder, "lantern")


def test_m15_what_comes_from_a_private_version_does_not_go_out_in_the_clear(
    place: ChainScenario, card: Path
) -> None:
    client, folder = fetched(place, card, Visibility.PRIVATE)
    (folder / "README.md").write_text("# Brighter\n")
    client.register("open")
    with pytest.raises(ConfigError, match="open is a public model, and private was asked for"):
        client.publish(folder, "open", derived_from="lantern:1")
    assert client.versions("open") == []
    client.publish(folder, "torch", derived_from="lantern:1")
    assert client.model("torch").visibility is Visibility.PRIVATE
    client.publish(folder, "open", derived_from="lantern:1", visibility=Visibility.PUBLIC)
    assert len(client.versions("open")) == 1
