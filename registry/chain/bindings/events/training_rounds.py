"""What TrainingRounds tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.bindings import structs

__all__ = [
    "BatchCommitted",
    "BatchRevealed",
    "BatchStruck",
    "CountedOnce",
    "EIP712DomainChanged",
    "ParticipantEnrolled",
    "ResultProposed",
    "RevealedFromBatch",
    "RoundFinalised",
    "RoundOpened",
    "RoundVoided",
    "UpdateCommitted",
    "UpdateRevealed",
]


@dataclass(frozen=True, slots=True)
class BatchCommitted:
    """`BatchCommitted(RoundId, uint32, bytes32, uint32, bytes32)`."""

    round_id: bytes
    batch: int
    root: bytes
    count: int
    document_digest: bytes


@dataclass(frozen=True, slots=True)
class BatchRevealed:
    """`BatchRevealed(RoundId, uint32, bytes32, uint32, bytes32)`."""

    round_id: bytes
    batch: int
    root: bytes
    count: int
    document_digest: bytes


@dataclass(frozen=True, slots=True)
class BatchStruck:
    """`BatchStruck(RoundId, uint32, address)`."""

    round_id: bytes
    batch: int
    participant: str


@dataclass(frozen=True, slots=True)
class CountedOnce:
    """`CountedOnce(RoundId, uint32, address)`."""

    round_id: bytes
    batch: int
    participant: str


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """`EIP712DomainChanged()`."""


@dataclass(frozen=True, slots=True)
class ParticipantEnrolled:
    """`ParticipantEnrolled(RoundId, address)`."""

    round_id: bytes
    participant: str


@dataclass(frozen=True, slots=True)
class ResultProposed:
    """`ResultProposed(…)`."""

    round_id: bytes
    coordinator: str
    result_root: bytes
    version_digest: bytes
    document_digest: bytes
    accepted: int
    total_weight: int
    challenge_ends_at: int


@dataclass(frozen=True, slots=True)
class RevealedFromBatch:
    """`RevealedFromBatch(RoundId, uint32, address)`."""

    round_id: bytes
    batch: int
    participant: str


@dataclass(frozen=True, slots=True)
class RoundFinalised:
    """`RoundFinalised(RoundId, bytes32, bytes32)`."""

    round_id: bytes
    result_root: bytes
    version_digest: bytes


@dataclass(frozen=True, slots=True)
class RoundOpened:
    """`RoundOpened(RoundId, ModelId, address, uint64, RoundTerms)`."""

    round_id: bytes
    model_id: bytes
    coordinator: str
    number: int
    terms: structs.RoundTerms


@dataclass(frozen=True, slots=True)
class RoundVoided:
    """`RoundVoided(RoundId, Phase)`."""

    round_id: bytes
    phase: int


@dataclass(frozen=True, slots=True)
class UpdateCommitted:
    """`UpdateCommitted(RoundId, address, bytes32)`."""

    round_id: bytes
    participant: str
    commitment: bytes


@dataclass(frozen=True, slots=True)
class UpdateRevealed:
    """`UpdateRevealed(RoundId, address, bytes32, bytes32, uint64, bytes32)`."""

    round_id: bytes
    participant: str
    update_root: bytes
    content_digest: bytes
    weight: int
    salt: bytes
