"""Guide: rounds by other rules, on both engines."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "choose-rules.md"


def test_rounds_by_other_rules_and_engines(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    for version in (2, 3):
        assert f"round {version - 1}: version {version}, 3 accepted, 0 refused" in said
