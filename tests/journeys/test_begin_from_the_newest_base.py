"""What rounds begin from holds the newest version's files, and nothing of an earlier one."""

from __future__ import annotations

from pathlib import Path

from chain_federation import MODEL, ChainFederation, small_model
from chain_parties import ChainScenario
from tests_roles import OWNER

from trainer.cli.base_version import newest_base
from trainer.documents.version_folders import first_version
from trainer.vectors.torch_modules import state_of


def test_a_newer_base_keeps_nothing_of_the_one_before(place: ChainScenario) -> None:
    f, bases = ChainFederation(place, OWNER, seats=2), Path(place.work) / "bases"
    f.publish_first()
    first = newest_base(f.client, MODEL, bases)
    assert newest_base(f.client, MODEL, bases) == first
    folder = Path(place.work) / "second"
    folder.mkdir()
    (folder / "notes.txt").write_text("of the second version alone\n")
    first_version(folder, state_of(small_model()), architecture="small")
    f.client.publish(folder, MODEL)
    second = newest_base(f.client, MODEL, bases)
    assert (second / "notes.txt").is_file()
    (folder / "notes.txt").unlink()
    (folder / "README.md").write_text("# The third\n")
    first_version(folder, state_of(small_model()), architecture="small")
    f.client.publish(folder, MODEL)
    third = newest_base(f.client, MODEL, bases)
    assert not (third / "notes.txt").exists()
    assert [path.name for path in bases.iterdir()] == [third.name]
