"""Guide: the README's session, and its script."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession


def test_a_model_is_published_trained_paid_and_audited(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(ROOT / "README.md"))
    assert "round 1: version 2, 2 accepted, 0 refused" in said
    assert "everything agrees" in said
    assert "tumour-net 2" in said
