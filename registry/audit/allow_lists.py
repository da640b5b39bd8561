"""Checks who was invited to a round (R-10): the list that its terms name gives the chain's root."""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence
from registry.audit.findings import FindingKind
from registry.documents.allow_list import AllowList
from registry.documents.canonical_json import bytes32_from_hex, parse, require_fields
from registry.errors import ConfigError
from registry.index import RoundRecord
from registry.types import ZERO_ID

__all__ = ["check_allow_list"]

_LARGEST_TERMS = 65_536


def check_allow_list(
    evidence: AuditEvidence, record: RoundRecord, subject: str
) -> AllowList | None:
    """Fetches a round's allow-list and holds it against the root; None if there is none to hold.

    A root without a list is no divergence: its proofs may have been handed out in private. That is
    said among what was skipped.
    """
    label = f"{subject}: allow-list"
    root = record.terms.allow_list_root
    try:
        digest = _named(evidence.document(record.terms.document_digest, f"{subject}: terms"))
        if root == ZERO_ID or digest is None:
            evidence.report.compare(FindingKind.CONTENT, label, False, digest is not None)
            if root != ZERO_ID:
                evidence.report.skipped.append(f"{label}: the terms name none")
            return None
        data = evidence.document(digest, label)
        listed = None if data is None else AllowList.parse(data)
    except ConfigError as error:
        evidence.report.differ(FindingKind.CONTENT, label, "an allow-list", error)
        return None
    if listed is not None:
        evidence.report.compare(FindingKind.CONTENT, label, root, listed.root)
    return listed


def _named(data: bytes | None) -> bytes | None:
    """Returns the digest of the list that a terms document names."""
    if data is None:
        return None
    named = parse(data, _LARGEST_TERMS, "terms document").get("allowList")
    return (
        None
        if named is None
        else bytes32_from_hex(
            require_fields(named, ("digest",), "allowList")["digest"], "allowList"
        )
    )
