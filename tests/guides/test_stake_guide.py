"""Guide: a round under stake, watched, settled and paid."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "train-under-stake.md"


def test_a_round_under_stake_settles_and_is_paid(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "round 1: version 2, 2 accepted, 0 refused" in said
