"""Guide: a round, audited by everything that an audit may be held to."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "audit.md"


def test_a_round_is_audited_reported_and_its_storage_pruned(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert said.count("everything agrees") == 3
    assert "is vouched for by you" in said
