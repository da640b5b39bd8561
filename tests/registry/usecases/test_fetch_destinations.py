"""A fetch writes over nobody's own files.

given a folder that somebody keeps something in
  when a version is fetched to it: it is refused, and every file stays as it was
given a folder that another version is in, or a changed one
  when a version is fetched to it: it is refused
  when that is forced: it is exchanged, once the new one is whole; somebody's own folder never is
  when anything else is in it, hidden or not: it is refused, forced or not
given a folder that is empty, that the same version is in, or where a fetch of it was cut
  when it is fetched to it: it is there afterwards
  when somebody has put something there since the fetch was cut: it is refused
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.errors import BlobNotFound, ConfigError
from registry.storage import Cid, list_directory
from registry.storage.flatfs import FlatFiles
from registry.types import Visibility


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
@pytest.mark.parametrize("name", ["README.md", "notes.md"])
def test_somebody_s_own_folder_is_refused_and_stays_as_it_was(
    place: ChainScenario, card: Path, tmp_path: Path, name: str, visibility: Visibility
) -> None:
    client, own = place.client(OWNER), tmp_path / "own"
    client.publish(card, "lantern", visibility=visibility)
    own.mkdir()
    (own / name).write_text("precious")
    with pytest.raises(ConfigError, match="nothing was written: give another folder with --to"):
        client.fetch("lantern", own)
    assert {path.name: path.read_text() for path in own.iterdir()} == {name: "precious"}


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_an_empty_folder_and_the_same_version_are_written_to(
    place: ChainScenario, card: Path, tmp_path: Path, visibility: Visibility
) -> None:
    client, target = place.client(OWNER), tmp_path / "target"
    client.publish(card, "lantern", visibility=visibility)
    target.mkdir()
    (target / ".hidden").write_text("mine")
    client.fetch("lantern", target)
    client.fetch("lantern", target)
    assert (target / "README.md").read_text() == "# A lantern\n"
    assert (target / ".hidden").read_text() == "mine"
    (target / "README.md").write_text("changed by hand")
    with pytest.raises(ConfigError, match="holds something else than this version"):
        client.fetch("lantern", target)
    assert (target / "README.md").read_text() == "changed by hand"
    (target / "README.md").unlink()
    client.fetch("lantern", target)
    assert (target / "README.md").read_text() == "# A lantern\n"


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_m14_another_version_is_replaced_if_that_is_asked_for(
    place: ChainScenario, card: Path, tmp_path: Path, visibility: Visibility
) -> None:
    client, target = place.client(OWNER), tmp_path / "target"
    (card / "first.txt").write_text("of the first alone")
    client.publish(card, "lantern", visibility=visibility)
    client.fetch("lantern", target)
    (card / "first.txt").unlink()
    (card / "README.md").write_text("# Second\n")
    client.publish(card, "lantern")
    with pytest.raises(ConfigError, match="or --force to replace that one"):
        client.fetch("lantern:2", target)
    assert (target / "README.md").read_text() == "# A lantern\n"
    client.fetch("lantern:2", target, force=True)
    assert sorted(p.name for p in target.iterdir()) == ["README.md", "manifest.json"]
    assert (target / "README.md").read_text() == "# Second\n"
    assert {p.name for p in tmp_path.iterdir() if p.name.startswith(".")} <= {
        p.name for p in tmp_path.glob(".*.lock")
    }


@pytest.mark.parametrize("name", ["notes.md", "manifest.json"])
def test_m14_what_was_never_fetched_is_not_replaced(
    place: ChainScenario, card: Path, tmp_path: Path, name: str
) -> None:
    client, own = place.client(OWNER), tmp_path / "own"
    client.publish(card, "lantern")
    own.mkdir()
    (own / name).write_text('{"name": "an extension of a browser"}')
    with pytest.raises(ConfigError, match="nothing was written: give another folder"):
        client.fetch("lantern", own, force=True)
    assert {p.name: p.read_text() for p in own.iterdir()} == {
        name: '{"name": "an extension of a browser"}'
    }


def test_m14_what_is_to_be_replaced_stays_where_the_new_one_cannot_be_had(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client, target = place.client(OWNER), tmp_path / "target"
    client.publish(card, "lantern")
    client.fetch("lantern", target)
    (card / "README.md").write_text("# Second\n" * 9)
    second = client.publish(card, "lantern")
    store = client.connection.store
    (readme,) = (
        entry.cid
        for entry in list_directory(store, Cid(second.content.codec, second.content.digest))
        if entry.name == "README.md"
    )
    next(Path(place.storage).rglob(FlatFiles(Path()).path(readme).name)).unlink()
    with pytest.raises(BlobNotFound):
        client.fetch("lantern:2", target, force=True)
    assert (target / "README.md").read_text() == "# A lantern\n"


MANIFESTS = {
    "another program's": '{"manifest_version": 3, "name": "my own extension"}',
    "not JSON": "mine",
}


@pytest.mark.parametrize("manifest", MANIFESTS.values(), ids=MANIFESTS)
def test_m14_a_manifest_of_another_kind_makes_no_folder_replaceable(
    place: ChainScenario, card: Path, tmp_path: Path, manifest: str
) -> None:
    client, own = place.client(OWNER), tmp_path / "own"
    client.publish(card, "lantern")
    own.mkdir()
    (own / "manifest.json").write_text(manifest)
    (own / "thesis.md").write_text("precious")
    with pytest.raises(ConfigError, match="nothing was written: give another folder"):
        client.fetch("lantern", own, force=True)
    assert (own / "thesis.md").read_text() == "precious"


@pytest.mark.parametrize("name", ["thesis.md", ".git", "data"])
def test_m14_what_no_fetch_brought_is_never_deleted(
    place: ChainScenario, card: Path, tmp_path: Path, name: str
) -> None:
    client, own = place.client(OWNER), tmp_path / "own"
    client.publish(card, "lantern")
    client.fetch("lantern", own)
    (card / "README.md").write_text("# Second\n")
    client.publish(card, "lantern")
    if name == "thesis.md":
        (own / name).write_text("precious")
    else:
        (own / name).mkdir()
        (own / name / "HEAD").write_text("precious")
    with pytest.raises(ConfigError, match=f"{name}.*, which no fetch brought.*move it away"):
        client.fetch("lantern:2", own, force=True)
    assert "precious" in [p.read_text() for p in own.rglob("*") if p.is_file()]
    assert (own / "README.md").read_text() == "# A lantern\n"


def test_m14_a_link_to_a_folder_is_not_replaced(
    place: ChainScenario, card: Path, tmp_path: Path
) -> None:
    client, own, link = place.client(OWNER), tmp_path / "own", tmp_path / "link"
    client.publish(card, "lantern")
    client.fetch("lantern", own)
    link.symlink_to(own)
    (own / "README.md").write_text("changed by hand")
    with pytest.raises(ConfigError, match="is a symbolic link; give the folder"):
        client.fetch("lantern", link, force=True)
    assert link.is_symlink()
    assert (own / "README.md").read_text() == "changed by hand"


@pytest.mark.parametrize("visibility", [Visibility.PUBLIC, Visibility.PRIVATE])
def test_m14_a_fetch_that_was_cut_lets_no_later_one_write_over_what_came_since(
    place: ChainScenario, card: Path, tmp_path: Path, visibility: Visibility
) -> None:
    client, own = place.client(OWNER), tmp_path / "own"
    version = client.publish(card, "lantern", visibility=visibility)
    store = client.connection.store
    content = list_directory(store, Cid(version.content.codec, version.content.digest))
    largest = FlatFiles(Path()).path(content[0].cid).name
    block = next(Path(place.storage).rglob(largest))
    kept = block.read_bytes()
    block.unlink()
    with pytest.raises(BlobNotFound):
        client.fetch("lantern", own)
    block.write_bytes(kept)
    own.mkdir(exist_ok=True)
    (own / "README.md").write_text("precious")
    with pytest.raises(ConfigError, match="nothing was written: give another folder"):
        client.fetch("lantern", own)
    assert (own / "README.md").read_text() == "precious"
