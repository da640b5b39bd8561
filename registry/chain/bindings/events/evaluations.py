"""What Evaluations tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.bindings import structs

__all__ = [
    "AppealLapsed",
    "AppealRuled",
    "DecisionAppealed",
    "EIP712DomainChanged",
    "PanelCreated",
    "ProposalEvaluated",
]


@dataclass(frozen=True, slots=True)
class AppealLapsed:
    """`AppealLapsed(RoundId, uint32, address, uint256)`."""

    round_id: bytes
    proposal: int
    appellant: str
    bond: int


@dataclass(frozen=True, slots=True)
class AppealRuled:
    """`AppealRuled(RoundId, uint32, bool)`."""

    round_id: bytes
    proposal: int
    correct: bool


@dataclass(frozen=True, slots=True)
class DecisionAppealed:
    """`DecisionAppealed(RoundId, uint32, address)`."""

    round_id: bytes
    proposal: int
    appellant: str


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """`EIP712DomainChanged()`."""


@dataclass(frozen=True, slots=True)
class PanelCreated:
    """`PanelCreated(bytes32, address[], uint8, address, uint32)`."""

    panel: bytes
    members: tuple[str, ...]
    threshold: int
    governor: str
    appeal_window: int


@dataclass(frozen=True, slots=True)
class ProposalEvaluated:
    """`ProposalEvaluated(…)`."""

    round_id: bytes
    proposal: int
    correct: bool
    attestation: structs.Attestation
    signers: tuple[str, ...]
    appeal_ends_at: int
