"""Guide: personal models, and one model per cluster."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "personalise-and-fine-tune.md"


def test_models_of_ones_own_are_trained(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert said.count("took part in 1 rounds") == 4
    assert "local_gain" in said
