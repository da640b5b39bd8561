"""Guide: Flower's app, its rounds on the chain."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "flower.md"


def test_a_flower_app_is_audited(tmp_path: Path) -> None:
    with GuideSession(tmp_path, checkout=True) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "everything agrees" in said
