"""What can happen to a round (R-2 to R-7), from the chain's logs or made by a board in memory."""

from __future__ import annotations

from dataclasses import dataclass

from registry.documents.batch_entries import Opening
from trainer.types import ProposedResult, RoundTerms

__all__ = [
    "BatchCommitted",
    "BatchRevealed",
    "BatchStruck",
    "CountedOnce",
    "ParticipantEnrolled",
    "ResultProposed",
    "RoundEvent",
    "RoundFinalised",
    "RoundOpened",
    "RoundVoided",
    "UpdateCommitted",
    "UpdateRevealed",
]


@dataclass(frozen=True)
class RoundOpened:
    """A round began; always the first event."""

    round_id: bytes
    coordinator: str
    number: int
    terms: RoundTerms


@dataclass(frozen=True)
class ParticipantEnrolled:
    """A participant took a seat."""

    participant: str


@dataclass(frozen=True)
class UpdateCommitted:
    """A participant committed to an update (R-3)."""

    participant: str
    commitment: bytes


@dataclass(frozen=True)
class BatchCommitted:
    """The coordinator committed many under one root (R-5)."""

    batch: int
    root: bytes
    count: int
    document_digest: bytes


@dataclass(frozen=True)
class UpdateRevealed:
    """A commitment was opened; `batch` is the one that it stands in, None for a direct one."""

    participant: str
    opening: Opening
    batch: int | None = None


@dataclass(frozen=True)
class BatchRevealed:
    """The coordinator posted the root over a batch's revealed updates."""

    batch: int
    root: bytes
    count: int
    document_digest: bytes


@dataclass(frozen=True)
class BatchStruck:
    """A batch holds what its participant didn't sign: it counts for nothing any more."""

    batch: int


@dataclass(frozen=True)
class CountedOnce:
    """A participant of a batch's posted reveals revealed by itself as well."""

    batch: int
    participant: str


@dataclass(frozen=True)
class ResultProposed:
    """The coordinator proposed a result; `challenge_ends_at` in seconds since 1970."""

    result: ProposedResult
    challenge_ends_at: int


@dataclass(frozen=True)
class RoundFinalised:
    """The challenge window passed."""


@dataclass(frozen=True)
class RoundVoided:
    """The round ended without a result."""


RoundEvent = (
    ParticipantEnrolled
    | UpdateCommitted
    | BatchCommitted
    | UpdateRevealed
    | BatchRevealed
    | BatchStruck
    | CountedOnce
    | ResultProposed
    | RoundFinalised
    | RoundVoided
)
