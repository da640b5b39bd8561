"""Guide: two peers that gossip."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "train-without-a-coordinator.md"


def test_two_peers_train_and_publish_the_mean(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "everything agrees" not in said
