"""Holds what holders are told to have vouched for against what Availability keeps (F-16)."""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence
from registry.audit.stake_hashes import availability_domain, holdings_digest, result_digest
from registry.index import StakedRoundRecord

__all__ = ["check_vouches"]


def check_vouches(evidence: AuditEvidence, subject: str, record: StakedRoundRecord) -> None:
    """Checks every vouch that was told, and whether there are others where certificates name them.

    A holder that a certificate names without a vouch has signed: the contract keeps no vouch of it.
    """
    connection, round_id = evidence.connection, record.round_id
    domain = availability_domain(connection.gateway.chain_id, evidence.chain.availability.address)
    named = {
        pair for one in record.certificates for pair in zip(one.holders, one.held, strict=True)
    }
    for holder, held in sorted(record.said | named):
        digest, label = holdings_digest(domain, round_id, held), f"{subject}: vouch of {holder}"
        told = (holder, held) in record.said
        evidence.expect(label, told, evidence.chain.availability.has_vouched(digest, holder))
    for made in record.proposals:
        digest = result_digest(domain, round_id, made.number, made.proposal)
        for holder in sorted({*made.vouchers, *made.holders}):
            label = f"{subject}: vouch of {holder} for proposal {made.number}"
            told = holder in made.vouchers
            evidence.expect(label, told, evidence.chain.availability.has_vouched(digest, holder))
