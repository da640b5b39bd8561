"""Guide: the first tutorial, two rounds of two hospitals."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "tutorials" / "first-federation.md"


def test_the_tutorial_ends_in_two_versions_paid_and_audited(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert said.count("took part in 2 rounds") == 2
    # Paid by examples: 400 and 600 of a thousand, in each of two rounds.
    assert "1200" in said
    assert "800" in said
