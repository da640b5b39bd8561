"""Holds a version's folder against the roots that a staked round names (F-13, F-15)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from registry.audit.findings import FindingKind, Report
from registry.errors import ConfigError

__all__ = ["compare_root"]


def compare_root(
    report: Report,
    root_of: Callable[[bytes, Path], bytes],
    subject: str,
    document: bytes,
    folder: Path,
    root: bytes,
    *,
    whose: str = "",
) -> bool:
    """Returns whether a version's folder has the root that was named, and reports it if not.

    The chain knows a version by two things that nothing on it ties together: the digest of its
    files, and the root that its weights were judged by.

    Args:
        report: where a difference goes.
        root_of: computes the root, from document and folder; of `RoundReplay`.
        subject: of what it is, such as `round 3 of 0x…: new version: root of the weights`.
        document: the round's terms document.
        folder: of the version, fetched by its digest.
        root: what the round was settled with, or what its stake terms name for the base.
        whose: the party that named it.
    """
    try:
        found = root_of(document, folder)
    except ConfigError as error:
        report.count(str(FindingKind.VERSION))
        report.differ(FindingKind.VERSION, subject, root, error, whose=whose)
        return False
    return report.compare(FindingKind.VERSION, subject, root, found, whose=whose)
