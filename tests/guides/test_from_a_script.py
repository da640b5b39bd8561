"""Guide: a script that publishes, looks, fetches, audits and is refused."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "from-a-script.md"


def test_a_script_publishes_looks_fetches_and_audits(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "['README.md']" in said
    assert "proved against block" in said
    assert (reader.work / "fetched" / "README.md").read_text() == "# A lantern\n"
