"""What StakedRounds tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.bindings import structs

__all__ = [
    "AggregateProposed",
    "HolderStakeLocked",
    "ParticipantSlashed",
    "ParticipantStakeLocked",
    "ProposalCertified",
    "ProposalRejected",
    "ResultWithheld",
    "RoundSettled",
    "StakeBurnt",
    "StakeReleased",
    "StakedRoundOpened",
    "UpdateWithheld",
]


@dataclass(frozen=True, slots=True)
class AggregateProposed:
    """`AggregateProposed(RoundId, address, uint32, Proposal, uint64)`."""

    round_id: bytes
    proposer: str
    number: int
    proposal: structs.Proposal
    certify_by: int


@dataclass(frozen=True, slots=True)
class HolderStakeLocked:
    """`HolderStakeLocked(RoundId, address, uint32, uint256)`."""

    round_id: bytes
    holder: str
    index: int
    stake: int


@dataclass(frozen=True, slots=True)
class ParticipantSlashed:
    """`ParticipantSlashed(RoundId, address, address, bytes32)`."""

    round_id: bytes
    participant: str
    beneficiary: str
    fault: bytes


@dataclass(frozen=True, slots=True)
class ParticipantStakeLocked:
    """`ParticipantStakeLocked(RoundId, address, uint32, uint256)`."""

    round_id: bytes
    participant: str
    index: int
    stake: int


@dataclass(frozen=True, slots=True)
class ProposalCertified:
    """`ProposalCertified(RoundId, uint32, uint64)`."""

    round_id: bytes
    number: int
    ends_at: int


@dataclass(frozen=True, slots=True)
class ProposalRejected:
    """`ProposalRejected(RoundId, address, address, uint32, bytes32)`."""

    round_id: bytes
    proposer: str
    beneficiary: str
    number: int
    fault: bytes


@dataclass(frozen=True, slots=True)
class ResultWithheld:
    """`ResultWithheld(RoundId, uint32)`."""

    round_id: bytes
    number: int


@dataclass(frozen=True, slots=True)
class RoundSettled:
    """`RoundSettled(RoundId, address, uint32)`."""

    round_id: bytes
    proposer: str
    number: int


@dataclass(frozen=True, slots=True)
class StakeBurnt:
    """`StakeBurnt(RoundId, address, bytes32)`."""

    round_id: bytes
    account: str
    fault: bytes


@dataclass(frozen=True, slots=True)
class StakeReleased:
    """`StakeReleased(RoundId, address)`."""

    round_id: bytes
    account: str


@dataclass(frozen=True, slots=True)
class StakedRoundOpened:
    """`StakedRoundOpened(RoundId, ModelId, address, StakeTerms)`."""

    round_id: bytes
    model_id: bytes
    sponsor: str
    stakes: structs.StakeTerms


@dataclass(frozen=True, slots=True)
class UpdateWithheld:
    """`UpdateWithheld(RoundId, address)`."""

    round_id: bytes
    participant: str
