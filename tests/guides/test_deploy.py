"""Guide: deployments by two keys and three profiles."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "deploy.md"


def test_deployments_from_two_keys_by_three_profiles(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        said = reader.follow(steps_of(PAGE))
    deployments = [reader.work / name for name in ("deployments", "mine", "strict", "governed")]
    assert all((folder / "31337.json").is_file() for folder in deployments)
    assert said.count("SHA-256 ") == 4
