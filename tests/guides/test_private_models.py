"""Guide: a private model, a grantee that reads it, and one that may no longer."""

from __future__ import annotations

from pathlib import Path

from guide_page import steps_of
from guide_session import ROOT, GuideSession

PAGE = ROOT / "docs" / "guides" / "private-models.md"


def test_the_grantee_reads_until_the_grant_is_revoked(tmp_path: Path) -> None:
    with GuideSession(tmp_path) as reader:
        reader.follow(steps_of(PAGE))
    assert (reader.work / "fetched" / "README.md").read_text() == "# A clinic's network\n"
    assert not (reader.work / "again").exists()
    assert "clinic-net" in reader.said[-1]
