"""The audit: rebuilds everything from events and content, and names what diverges.

`audit` returns a `Report`; `lineage` tells what a version comes from and who contributed;
`RoundReplay` is the port through which the trainer computes a round again.

* `verifier` is the audit; `anchor` chooses its block, `history` proves the events, `evidence` is
  what the checks below work on, `findings` what they say.
* of the deployment: `deployment`, `events`, `governance`, with `field_checks` of what a contract
  keeps;
* of models: `models`, `versions`; of rounds: `rounds`, `allow_lists`, `batches`,
  `openings`, `hidden_rounds`, `signature_checks`, `result_comparison`, and `replay`, the port
  through which they are computed again; of money: `payouts`;
* under stake: `stakes`, `stake_hashes`, `vouches`, `settled_versions`.
"""

from registry.audit.findings import AuditVerdict, Finding, FindingKind, Report
from registry.audit.replay import (
    Claim,
    HiddenEvidence,
    Replayed,
    RoundReplay,
    installed_replay,
)
from registry.audit.verifier import audit
from registry.usecases.lineage import Ancestor, lineage

__all__ = [
    "Ancestor",
    "AuditVerdict",
    "Claim",
    "Finding",
    "FindingKind",
    "HiddenEvidence",
    "Replayed",
    "Report",
    "RoundReplay",
    "audit",
    "installed_replay",
    "lineage",
]
