"""Guide: a class of one's own, in NumPy."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "your-training-code.md"


def test_a_class_in_plain_numpy_is_trained(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "round 1: version 2, 3 accepted, 0 refused" in said
