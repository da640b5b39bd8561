"""Guide: a name that a stranger takes too, a version taken back, and what the histories tell."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "names-and-histories.md"


def test_what_ran_in_production_is_told_after_all_that_happened(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "rolled back" in said
    assert "wrong labels" in said
    assert (reader.work / "mine" / "README.md").read_text() == "# Number one\n"
    assert not (reader.work / "two").exists()
