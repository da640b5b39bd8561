"""Guide: the contracts, called by ethers, viem, cast and a contract."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "contracts.md"


def test_the_contracts_are_called_from_outside(tmp_path: Path) -> None:
    with GuideSession(tmp_path, checkout=True) as reader:
        said = reader.follow(steps_of(PAGE))
    assert "UnknownModel 1" in said
