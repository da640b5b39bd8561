"""What an audit finds: divergences, each of a class and with what was expected and found (D-2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Finding", "Kind", "Report"]


class Kind(StrEnum):
    """The class of a divergence."""

    EVENT = "event"
    CONTENT = "content"
    MANIFEST = "manifest"
    SIGNATURE = "signature"
    COMMITMENT = "commitment"
    WEIGHT = "weight"
    AGGREGATE = "aggregate"
    VERSION = "version"
    SHARE = "share"
    PAYOUT = "payout"


@dataclass(frozen=True)
class Finding:
    """One divergence: where it is, what follows from the evidence, and what was found instead."""

    kind: Kind
    subject: str
    expected: str
    found: str
    block_number: int = 0

    def __str__(self) -> str:
        return f"{self.kind}: {self.subject}: expected {self.expected}, found {self.found}"


@dataclass
class Report:
    """What was checked, and what diverges. `skipped` says what could not be checked, and why."""

    chain_id: int
    registry: str
    block_number: int
    checked: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """Counts checks that were made."""
        self.checked[what] = self.checked.get(what, 0) + number

    def differ(self, kind: Kind, subject: str, expected: object, found: object) -> None:
        """Adds a finding."""
        self.findings.append(Finding(kind, subject, _shown(expected), _shown(found)))

    def compare(self, kind: Kind, subject: str, expected: object, found: object) -> bool:
        """Counts a check, and adds a finding if the two differ; returns whether they agree."""
        self.count(str(kind))
        if expected != found:
            self.differ(kind, subject, expected, found)
        return expected == found

    @property
    def clean(self) -> bool:
        """Whether nothing diverges."""
        return not self.findings


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
