"""The audit: rebuilds everything from events and content, and names what diverges.

`audit` returns a `Report`; `lineage` tells what a version comes from and who contributed;
`RoundReplay` is the port through which the trainer computes a round again.
"""

from registry.audit.findings import AuditVerdict, Finding, FindingKind, Report
from registry.audit.lineage import Ancestor, lineage
from registry.audit.replay import Claim, Replayed, RoundReplay, installed_replay
from registry.audit.verifier import audit

__all__ = [
    "Ancestor",
    "AuditVerdict",
    "Claim",
    "Finding",
    "FindingKind",
    "Replayed",
    "Report",
    "RoundReplay",
    "audit",
    "installed_replay",
    "lineage",
]
