"""A fetch writes over nobody's own files.

given a folder that somebody keeps something in
  when a version is fetched to it: it is refused, and every file stays as it was
given a folder that is empty, that the same version is in, or where a fetch of it was cut
  when it is fetched to it: it is there afterwards
"""

from __future__ import annotations

from pathlib import Path

import pytest
from chain_parties import ChainScenario
from tests_roles import OWNER

from registry.errors import ConfigError
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
    with pytest.raises(ConfigError, match="holds something else than a version as it was fetched"):
        client.fetch("lantern", target)
    assert (target / "README.md").read_text() == "changed by hand"
    (target / "README.md").unlink()
    client.fetch("lantern", target)
    assert (target / "README.md").read_text() == "# A lantern\n"
