"""Checks payouts: each root against the shares of the rounds that were final when it was posted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from registry.audit.evidence import Evidence, name_of
from registry.audit.findings import Kind, Verdict
from registry.errors import ConfigError
from registry.payout_document import payout_tree, read_payout_document
from registry.types import ModelId

__all__ = ["Owed", "OwedByToken", "check_payouts"]

OwedByToken = dict[tuple[ModelId, str], list["Owed"]]


@dataclass(frozen=True)
class Owed:
    """What a round owes since block `finalised_in`; up to `unknown` more, if nobody can tell."""

    finalised_in: int
    shares: dict[str, int]
    unknown: int = 0


def check_payouts(evidence: Evidence, owed: OwedByToken) -> None:
    """Checks every posted root, and that nobody was paid more than a root says.

    Args:
        evidence: the audit's sources.
        owed: what each final round owes, by model and token.
    """
    for (model_id, token), distribution in evidence.state.payouts.distributions.items():
        if not evidence.concerns(model_id):
            continue
        subject = f"{name_of(evidence, model_id)} payouts"
        rounds = owed.get((model_id, token), [])
        highest: dict[str, int] = {}
        readable = True
        for posted in distribution.roots:
            label = f"{subject}: root 0x{posted.root.hex()[:8]}"
            # A root that pays nothing wrongs nobody, whatever its document is.
            data = evidence.document(
                posted.document_digest, f"{label} document", odd=posted.total == 0
            )
            amounts = None if data is None else _amounts(evidence, label, data, posted.total)
            if amounts is None:
                readable = False
                continue
            final = [r for r in rounds if r.finalised_in <= posted.block_number]
            _compare_leaves(evidence, label, final, amounts)
            evidence.report.compare(Kind.PAYOUT, label, payout_tree(amounts).root, posted.root)
            evidence.report.compare(
                Kind.PAYOUT, f"{label} total", sum(amounts.values()), posted.total
            )
            for account, amount in amounts.items():
                highest[account] = max(highest.get(account, 0), amount)
        for account, claimed in distribution.claimed.items() if readable else ():
            evidence.report.count(str(Kind.PAYOUT))
            if claimed > highest.get(account, 0):
                expected = f"at most {highest.get(account, 0)}"
                evidence.report.differ(
                    Kind.PAYOUT, f"{subject}: claimed by {account}", expected, claimed
                )


def _due(rounds: Sequence[Owed]) -> dict[str, int]:
    """Returns what each contributor is known to have earned."""
    due: dict[str, int] = {}
    for one in rounds:
        for account, share in one.shares.items():
            due[account] = due.get(account, 0) + share
    return {account: amount for account, amount in due.items() if amount > 0}


def _amounts(evidence: Evidence, label: str, data: bytes, total: int) -> dict[str, int] | None:
    try:
        return read_payout_document(data)
    except ConfigError as error:
        verdict = Verdict.WRONG if total else Verdict.ODD
        evidence.report.differ(
            Kind.PAYOUT, f"{label} document", "a payout document", error, verdict=verdict
        )
        return None


def _compare_leaves(
    evidence: Evidence, label: str, rounds: Sequence[Owed], amounts: dict[str, int]
) -> None:
    due, unknown = _due(rounds), sum(one.unknown for one in rounds)
    if not unknown:
        for account in sorted({*due, *amounts}):
            evidence.report.compare(
                Kind.PAYOUT,
                f"{label} leaf of {account}",
                due.get(account, 0),
                amounts.get(account, 0),
            )
        return
    # What a round owes that nobody can read may be paid, or left out until it can be read.
    for account, amount in sorted(due.items()):
        enough = min(amount, amounts.get(account, 0))
        evidence.report.compare(Kind.PAYOUT, f"{label} leaf of {account}", amount, enough)
    most = sum(due.values()) + unknown
    paid = sum(amounts.values())
    evidence.report.compare(Kind.PAYOUT, f"{label}: paid in all", min(paid, most), paid)
