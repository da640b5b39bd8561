"""Checks payouts: each root against the shares of the rounds that were final when it was posted."""

from __future__ import annotations

from registry.audit.evidence import Evidence, name_of
from registry.audit.findings import Kind
from registry.errors import ConfigError
from registry.payout_document import payout_tree, read_payout_document
from registry.types import ModelId

__all__ = ["check_payouts"]

Shares = dict[tuple[ModelId, str], list[tuple[int, dict[str, int]]]]


def check_payouts(evidence: Evidence, shares: Shares) -> None:
    """Checks every posted root, and that nobody was paid more than a root says.

    Args:
        evidence: the audit's sources.
        shares: by model and token, the block in which each round became final and its shares.
    """
    for (model_id, token), distribution in evidence.state.payouts.distributions.items():
        if not evidence.concerns(model_id):
            continue
        subject = f"{name_of(evidence, model_id)} payouts"
        rounds = shares.get((model_id, token), [])
        highest: dict[str, int] = {}
        for posted in distribution.roots:
            label = f"{subject}: root 0x{posted.root.hex()[:8]}"
            # A root that pays nothing wrongs nobody, whatever its document is.
            data = evidence.document(
                posted.document_digest, f"{label} document", odd=posted.total == 0
            )
            if data is None:
                continue
            due = _due(rounds, posted.block_number)
            amounts = _amounts(evidence, label, data)
            if amounts is None:
                continue
            _compare_leaves(evidence, label, due, amounts)
            evidence.report.compare(Kind.PAYOUT, label, payout_tree(amounts).root, posted.root)
            evidence.report.compare(
                Kind.PAYOUT, f"{label} total", sum(amounts.values()), posted.total
            )
            for account, amount in amounts.items():
                highest[account] = max(highest.get(account, 0), amount)
        for account, claimed in distribution.claimed.items():
            evidence.report.count(str(Kind.PAYOUT))
            if claimed > highest.get(account, 0):
                expected = f"at most {highest.get(account, 0)}"
                evidence.report.differ(
                    Kind.PAYOUT, f"{subject}: claimed by {account}", expected, claimed
                )


def _due(rounds: list[tuple[int, dict[str, int]]], block_number: int) -> dict[str, int]:
    """Returns what each contributor has earned by a block."""
    due: dict[str, int] = {}
    for finalised_in, round_shares in rounds:
        if finalised_in <= block_number:
            for account, share in round_shares.items():
                due[account] = due.get(account, 0) + share
    return {account: amount for account, amount in due.items() if amount > 0}


def _amounts(evidence: Evidence, label: str, data: bytes) -> dict[str, int] | None:
    try:
        return read_payout_document(data)
    except ConfigError as error:
        evidence.report.differ(Kind.PAYOUT, f"{label} document", "a payout document", error)
        return None


def _compare_leaves(
    evidence: Evidence, label: str, due: dict[str, int], amounts: dict[str, int]
) -> None:
    for account in sorted({*due, *amounts}):
        evidence.report.compare(
            Kind.PAYOUT, f"{label} leaf of {account}", due.get(account, 0), amounts.get(account, 0)
        )
