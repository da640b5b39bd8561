"""Holds a version's file against the root of weights that a staked round names (F-13)."""

from __future__ import annotations

from pathlib import Path

from registry.audit.findings import Kind, Report
from registry.audit.replay import RoundReplay
from registry.errors import ConfigError

__all__ = ["compare_weights"]


def compare_weights(
    report: Report,
    replay: RoundReplay,
    subject: str,
    document: bytes,
    folder: Path,
    root: bytes,
    *,
    whose: str = "",
) -> bool:
    """Returns whether a version's file holds the weights of a root, and reports it if not.

    The chain knows a version by two things that nothing on it ties together: the digest of its
    files, and the root that its weights were judged by.

    Args:
        report: where a difference goes.
        replay: computes the root.
        subject: how the report names the version, such as `round 3 of 0x…: new version`.
        document: the round's terms document.
        folder: of the version, fetched by its digest.
        root: what the round was settled with, or what its stake terms name for the base.
        whose: the party that named it.
    """
    label = f"{subject}: root of the weights"
    try:
        found = replay.version_root(document, folder)
    except ConfigError as error:
        report.count(str(Kind.VERSION))
        report.differ(Kind.VERSION, label, root, error, whose=whose)
        return False
    return report.compare(Kind.VERSION, label, root, found, whose=whose)
