"""Holds what the events tell of the emergency stop and the token list against their storage."""

from __future__ import annotations

from registry.audit.evidence import AuditEvidence

__all__ = ["check_governance"]

_STOP, _LIST = "EmergencyStop", "TokenList"
_PERIOD = 2  # the place of the emergency stop's constructor argument


def check_governance(evidence: AuditEvidence) -> None:
    """Checks the guardian, what it stopped, the listed tokens, and their number."""
    book, power = evidence.state.governance, _lasts(evidence)
    evidence.expect("guardian", book.guardian, evidence.chain.emergency_stop.guardian())
    for part, stopped in book.parts.items():
        evidence.expect(
            f"stop of part {part}",
            stopped and power,
            evidence.chain.emergency_stop.is_stopped(part),
        )
    for token, frozen in book.tokens.items():
        label = f"freeze of token {token}"
        evidence.expect(
            label, frozen and power, evidence.chain.emergency_stop.is_token_frozen(token)
        )
    for round_id, frozen in book.rounds.items():
        label = f"freeze of round 0x{round_id.hex()[:8]}"
        evidence.expect(
            label, frozen and power, evidence.chain.emergency_stop.is_round_frozen(round_id)
        )
    evidence.expect("listed tokens", tuple(book.listed), evidence.chain.token_list.tokens())
    for token, least in book.listed.items():
        evidence.expect(
            f"least stake in token {token}", least, evidence.chain.token_list.least_stake(token)
        )
    evidence.settle()


def _lasts(evidence: AuditEvidence) -> bool:
    """Returns whether the guardian has its power in the audited block (G-3)."""
    header = evidence.headers.get(evidence.state.governance.named_in)
    if header is None:
        return False
    entry = evidence.connection.deployment.contracts[_STOP]
    ends_at = header.timestamp + int(entry.constructor_arguments[_PERIOD])
    return evidence.header.timestamp < ends_at
