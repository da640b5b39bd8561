"""Checks what belongs to a model rather than to a version: its description, and its readers' keys.

A wrapped key that nobody keeps locks its reader out, though the chain says that it may read.
"""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence
from registry.audit.findings import AuditVerdict, FindingKind
from registry.crypto.key_wrap import WRAPPED_BYTES
from registry.types import ZERO_ID, Model

__all__ = ["check_models"]


def check_models(evidence: AuditEvidence) -> None:
    """Checks that each description and each wrapped key can be had, and hashes to its digest."""
    for model in evidence.state.catalogue.models.values():
        if evidence.concerns(model.model_id):
            told = model.model_id in evidence.state.catalogue.described
            evidence.report.compare(FindingKind.EVENT, f"model {model.slug}: described", True, told)
            _description(evidence, model)
            _keys(evidence, model)


def _description(evidence: AuditEvidence, model: Model) -> None:
    if model.description_digest != ZERO_ID:
        label, owner = f"model {model.slug}: description", f"owner {model.owner}"
        evidence.document(model.description_digest, label, whose=owner, odd=True)


def _keys(evidence: AuditEvidence, model: Model) -> None:
    owner = f"owner {model.owner}"
    for (model_id, user), grant in evidence.state.catalogue.grants.items():
        if model_id != model.model_id or grant.wrapped_key_digest == ZERO_ID:
            continue
        label = f"model {model.slug}: wrapped key of {user}"
        wrapped = evidence.document(grant.wrapped_key_digest, label, whose=owner, odd=True)
        if wrapped is not None:
            evidence.report.compare(
                FindingKind.CONTENT,
                f"{label}: bytes",
                WRAPPED_BYTES,
                len(wrapped),
                verdict=AuditVerdict.ODD,
                whose=owner,
            )
