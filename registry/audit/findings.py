"""What an audit finds: each of a class and a verdict, with what was expected, found, whose (D-2).

Three verdicts keep apart what a reader must not mix up. *Wrong*: somebody's record contradicts the
evidence to the cost of others. *Odd*: a publisher's record contradicts only itself; nobody else is
wronged, and one odd version turns no other model's audit red. *Unknown*: evidence that nobody
gives, which is no verdict: what can't be told is never called wrong.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["AuditVerdict", "Finding", "FindingKind", "Report"]


class FindingKind(StrEnum):
    """The class of a finding."""

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
    DEPLOYMENT = "deployment"


class AuditVerdict(StrEnum):
    """What a finding says of whoever it is about."""

    WRONG = "wrong"
    ODD = "odd"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Finding:
    """One finding: where it is, what follows from the evidence, what was found instead, and whose.

    `whose` names the party, e.g. `coordinator 0x…`; empty where the evidence doesn't tell.
    """

    kind: FindingKind
    subject: str
    expected: str
    found: str
    verdict: AuditVerdict = AuditVerdict.WRONG
    whose: str = ""

    def __str__(self) -> str:
        party = f" ({self.whose})" if self.whose else ""
        return f"{self.kind}: {self.subject}{party}: expected {self.expected}, found {self.found}"


@dataclass
class Report:
    """What was checked, and what was found.

    `anchor` says what the events are proved against, `believed` what rests on the node's word
    alone, `skipped` what could not be checked, and why. `successor` is the registry that succeeds
    this one; empty if none does.
    """

    chain_id: int
    registry: str
    block_number: int
    block_hash: str = ""
    anchor: str = ""
    successor: str = ""
    checked: dict[str, int] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    believed: list[str] = field(default_factory=list)

    def count(self, what: str, number: int = 1) -> None:
        """Counts checks that were made."""
        self.checked[what] = self.checked.get(what, 0) + number

    def differ(
        self,
        kind: FindingKind,
        subject: str,
        expected: object,
        found: object,
        *,
        verdict: AuditVerdict = AuditVerdict.WRONG,
        whose: str = "",
    ) -> None:
        """Adds a finding."""
        shown = _shown(expected), _shown(found)
        self.findings.append(Finding(kind, subject, *shown, verdict, whose))

    def compare(
        self,
        kind: FindingKind,
        subject: str,
        expected: object,
        found: object,
        *,
        verdict: AuditVerdict = AuditVerdict.WRONG,
        whose: str = "",
    ) -> bool:
        """Counts a check, and adds a finding if the two differ; returns whether they agree."""
        self.count(str(kind))
        if expected != found:
            self.differ(kind, subject, expected, found, verdict=verdict, whose=whose)
        return expected == found

    def of(self, verdict: AuditVerdict) -> list[Finding]:
        """Returns the findings of one verdict, in order."""
        return [finding for finding in self.findings if finding.verdict is verdict]

    @property
    def clean(self) -> bool:
        """Whether nothing is wrong and everything could be told; odd records don't count."""
        return all(finding.verdict is AuditVerdict.ODD for finding in self.findings)


def _shown(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else str(value)
