"""Guide: a round whose updates nobody sees, conducted, looked at and audited."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "hidden-rounds.md"


def test_three_hospitals_hide_their_updates(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "round 1: version 2, 3 accepted, 0 refused" in said
    assert "everything agrees" in said
