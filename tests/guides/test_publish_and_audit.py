"""Guide: the second tutorial's script, which finds the card that was changed."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "tutorials" / "publish-and-audit.md"


def test_the_script_publishes_audits_and_finds_the_changed_card(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        reader.follow(steps_of(PAGE))
    *before, finding = reader.said[-1].splitlines()
    assert before[1:] == [
        "published version 1",
        "production is version 1",
        "production is version 2",
        "fetched README.md, model.safetensors",
        "checked 2 objects, findings: 0",
    ]
    assert finding.startswith("wrong | content: lantern:2 content (storage): expected content")
