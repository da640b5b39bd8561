"""What a contract keeps, compared with what the events tell: answers, and fields of structs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.audit.findings import FindingKind, Report

__all__ = ["Answer", "Fields"]


@dataclass(frozen=True)
class Fields:
    """Takes a struct, and compares those of its fields that events tell, by their names."""

    report: Report
    subject: str
    told: Mapping[str, object]

    def __call__(self, kept: object) -> None:
        """Compares field by field."""
        for name, value in self.told.items():
            label = f"{self.subject}: {name.replace('_', ' ')}"
            self.report.compare(FindingKind.EVENT, label, getattr(kept, name), value)


@dataclass(frozen=True)
class Answer:
    """Takes an answer, and compares it as a check of class `kind`."""

    report: Report
    subject: str
    told: object
    kind: FindingKind

    def __call__(self, kept: object) -> None:
        """Compares the answer."""
        self.report.compare(self.kind, self.subject, kept, self.told)
