"""A version's file and the root that a staked round was settled with are of the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from registry.audit.findings import FindingKind, Report
from registry.audit.settled_versions import compare_root
from trainer.adapters.replay import Replay
from trainer.documents.terms_document import TermsDocument
from trainer.documents.version_folders import MODEL_FILE, first_version
from trainer.execution.version_roots import version_root

SUBJECT = "round 3: new version: root of the weights"
SPONSOR = "proposer 0x11"
DOCUMENT = TermsDocument(parameters=("*", "!head.*"))


def folder_of(folder: Path, weight: float = 0.25, head: float = 1.0) -> Path:
    """Writes a version of a trained tensor and one that isn't."""
    state = {"w": torch.full((300,), weight), "head.w": torch.full((5,), head)}
    first_version(folder, state, architecture="linear")
    return folder


def compared(folder: Path, root: bytes) -> Report:
    """Returns the report on a folder and a root."""
    report = Report(1337, "0x00", 1)
    document = DOCUMENT.to_json()
    root_of = Replay().version_root
    same = compare_root(report, root_of, SUBJECT, document, folder, root, whose=SPONSOR)
    assert same == (not report.findings)
    assert report.checked == {str(FindingKind.VERSION): 1}
    return report


def test_f13_a_version_of_the_settled_weights_is_clean(tmp_path: Path) -> None:
    root = version_root(folder_of(tmp_path / "proposed"), DOCUMENT)
    assert compared(folder_of(tmp_path / "fetched"), root).clean
    # Which tensors are trained, the terms say: another head is none of the root's business.
    assert compared(folder_of(tmp_path / "other", head=2.0), root).clean


def test_f13_a_version_of_other_weights_is_wrong_and_whose_is_said(tmp_path: Path) -> None:
    root = version_root(folder_of(tmp_path / "proposed"), DOCUMENT)
    published = folder_of(tmp_path / "published", 0.5)
    (finding,) = compared(published, root).findings
    assert finding.expected == "0x" + root.hex()
    assert finding.found == "0x" + version_root(published, DOCUMENT).hex()
    assert str(finding).startswith(f"version: {SUBJECT} ({SPONSOR})")


@pytest.mark.parametrize("dtype", [torch.float16, torch.float64])
def test_f13_a_version_of_weights_that_have_no_root_is_wrong(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    first_version(tmp_path, {"w": torch.ones(3, dtype=dtype)}, architecture="linear")
    document = TermsDocument().to_json()
    report = Report(1337, "0x00", 1)
    root_of = Replay().version_root
    assert not compare_root(report, root_of, SUBJECT, document, tmp_path, bytes(32))
    assert "all float32 or all bfloat16" in report.findings[0].found


def test_f13_a_folder_without_a_version_is_wrong(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "version")
    root = version_root(folder, DOCUMENT)
    (folder / MODEL_FILE).unlink()
    (finding,) = compared(folder, root).findings
    assert "expected one safetensors file, got 0" in finding.found
