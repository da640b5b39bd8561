"""What a contract keeps, compared with what the events tell: answers, and fields of structs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from registry.audit.findings import Kind, Report

__all__ = ["Answer", "Fields"]


@dataclass(frozen=True)
class Fields:
    """Takes a struct, and compares those of its fields that events tell."""

    report: Report
    subject: str
    told: Mapping[str, Any]

    def __call__(self, kept: Mapping[str, Any]) -> None:
        """Compares field by field."""
        for name, value in self.told.items():
            self.report.compare(Kind.EVENT, f"{self.subject}: {name}", kept.get(name), value)


@dataclass(frozen=True)
class Answer:
    """Takes an answer, and compares what `shaped` makes of it, as a check of class `kind`."""

    report: Report
    subject: str
    told: Any
    shaped: Callable[[Any], Any] = lambda kept: kept
    kind: Kind = Kind.EVENT

    def __call__(self, kept: Any) -> None:
        """Compares the answer."""
        self.report.compare(self.kind, self.subject, self.shaped(kept), self.told)
