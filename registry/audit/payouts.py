"""Checks payouts: each root against the shares of the rounds that were final when it was posted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.audit.evidence import AuditEvidence, name_of
from registry.audit.findings import AuditVerdict, FindingKind
from registry.documents.payouts import payout_tree, read_payout_document
from registry.errors import ConfigError
from registry.index import DistributionRecord, PostedRoot, RootState
from registry.types import ModelId, RoundId

__all__ = ["Owed", "OwedByToken", "check_payouts"]

OwedByToken = dict[tuple[ModelId, str], list["Owed"]]


@dataclass(frozen=True)
class Owed:
    """What a round owes since block `finalised_in`; up to `unknown` more, if nobody can tell."""

    round_id: RoundId
    finalised_in: int
    shares: dict[str, int]
    unknown: int = 0


def check_payouts(evidence: AuditEvidence, owed: OwedByToken) -> None:
    """Checks every posted root, and that nobody was paid more than a root says.

    Args:
        evidence: the audit's sources.
        owed: what each final round owes, by model and token.
    """
    for key, distribution in evidence.state.payouts.distributions.items():
        if evidence.concerns(key[0]):
            _distribution(evidence, distribution, owed.get(key, []), name_of(evidence, key[0]))


def _distribution(
    evidence: AuditEvidence, distribution: DistributionRecord, rounds: Sequence[Owed], name: str
) -> None:
    subject = f"{name} payouts"
    highest: dict[str, int] = {}
    unread: set[bytes] = set()
    read: set[bytes] = set()
    for posted in distribution.roots:
        amounts = _root(evidence, posted, rounds, f"{subject}: root 0x{posted.root.hex()[:8]}")
        paid = posted.state in (RootState.CURRENT, RootState.ENDED)
        if amounts is None:
            unread |= {posted.root} if paid else set()
            continue
        read.add(posted.root)
        for account, amount in amounts.items() if paid else ():
            highest[account] = max(highest.get(account, 0), amount)
    for account, claimed in distribution.claimed.items() if unread <= read else ():
        evidence.report.count(str(FindingKind.PAYOUT))
        if claimed > highest.get(account, 0):
            expected = f"at most {highest.get(account, 0)}"
            evidence.report.differ(
                FindingKind.PAYOUT, f"{subject}: claimed by {account}", expected, claimed
            )


def _root(
    evidence: AuditEvidence, posted: PostedRoot, rounds: Sequence[Owed], label: str
) -> dict[str, int] | None:
    """Checks a posted root against what was owed by then; returns its amounts if they are known."""
    # A root that pays nothing, or was dropped before its time, wrongs nobody, whatever it says.
    harmless = posted.total == 0 or posted.state is RootState.DROPPED
    verdict = AuditVerdict.ODD if harmless else AuditVerdict.WRONG
    data = evidence.document(posted.document_digest, f"{label} document", odd=harmless)
    amounts = None if data is None else _amounts(evidence, label, data, verdict)
    if amounts is None:
        return None
    settled = _paid_off(evidence, posted)
    final = [
        one
        for one in rounds
        if one.finalised_in <= posted.block_number and one.round_id not in settled
    ]
    check = _RootCheck(evidence, label, verdict)
    check.leaves(posted.base.claimed, final, amounts)
    check.compare(label, payout_tree(amounts).root, posted.root)
    check.compare(f"{label} total", sum(amounts.values()), posted.total)
    return amounts


def _paid_off(evidence: AuditEvidence, posted: PostedRoot) -> frozenset[RoundId]:
    """Returns the rounds whose unclaimed pay a sweep had taken when the root was posted (P-6)."""
    rounds = evidence.chain.training_rounds.address
    return frozenset(round_id for who, round_id in posted.base.rounds if who == rounds)


def _due(base: Mapping[str, int], rounds: Sequence[Owed]) -> dict[str, int]:
    """Returns what each contributor is known to have earned, on top of `base`."""
    due = dict(base)
    for one in rounds:
        for account, share in one.shares.items():
            due[account] = due.get(account, 0) + share
    return {account: amount for account, amount in due.items() if amount > 0}


def _amounts(
    evidence: AuditEvidence, label: str, data: bytes, verdict: AuditVerdict
) -> dict[str, int] | None:
    try:
        return read_payout_document(data)
    except ConfigError as error:
        evidence.report.differ(
            FindingKind.PAYOUT, f"{label} document", "a payout document", error, verdict=verdict
        )
        return None


@dataclass(frozen=True)
class _RootCheck:
    """Compares what one root says."""

    evidence: AuditEvidence
    label: str
    verdict: AuditVerdict

    def compare(self, subject: str, expected: object, found: object) -> None:
        self.evidence.report.compare(
            FindingKind.PAYOUT, subject, expected, found, verdict=self.verdict
        )

    def leaves(
        self, base: Mapping[str, int], rounds: Sequence[Owed], amounts: dict[str, int]
    ) -> None:
        """Compares the amounts with what the rounds owe on top of what was claimed before."""
        due, unknown = _due(base, rounds), sum(one.unknown for one in rounds)
        if not unknown:
            for account in sorted({*due, *amounts}):
                self.compare(
                    f"{self.label} leaf of {account}",
                    due.get(account, 0),
                    amounts.get(account, 0),
                )
            return
        # What a round owes that nobody can read may be paid, or left out until it can be read.
        for account, amount in sorted(due.items()):
            enough = min(amount, amounts.get(account, 0))
            self.compare(f"{self.label} leaf of {account}", amount, enough)
        most, paid = sum(due.values()) + unknown, sum(amounts.values())
        self.compare(f"{self.label}: paid in all", min(paid, most), paid)
