"""Batches of signed commitments and of reveals (R-5): their documents and the trees over them.

A batch puts one root on the chain for many participants; the document that the chain names by
digest says who they are, and carries what they signed. Both documents are canonical JSON and one
raw block each, so a batch holds at most `MOST_IN_BATCH` participants.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Any

from registry.addresses import address_order
from registry.documents.batch_entries import Opening, SignedCommitment
from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from registry.hashing import sha256
from registry.merkle import StandardTree

__all__ = [
    "LARGEST_BATCH",
    "MOST_IN_BATCH",
    "CommitmentBatch",
    "RevealBatch",
    "read_commitments",
    "read_reveals",
]

COMMITMENTS_FORMAT = "tallystick/batch/1"
REVEALS_FORMAT = "tallystick/batch-reveal/1"
LARGEST_BATCH = 1 << 20  # one block: what storage nodes exchange in one piece
MOST_IN_BATCH = 800  # so that even the longest signatures fit a block
_COMMITMENT_TYPES = ("address", "bytes32", "bytes32")
_REVEAL_TYPES = ("address", "bytes32", "bytes32", "uint64")


@dataclass(frozen=True)
class CommitmentBatch:
    """Signed commitments of one round, by ascending address, each participant once.

    The round-trip law: `CommitmentBatch.parse(b.to_json()) == b`.

    Raises:
        ConfigError: none, too many, or another order.
    """

    round_id: bytes
    commitments: tuple[SignedCommitment, ...]

    def __post_init__(self) -> None:
        """Checks number and order."""
        _check_order([entry.participant for entry in self.commitments])

    @classmethod
    def of(cls, round_id: bytes, entries: Iterable[SignedCommitment]) -> CommitmentBatch:
        """Returns the batch of some entries in any order."""
        return cls(round_id, tuple(sorted(entries, key=lambda e: address_order(e.participant))))

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entry.participant: place for place, entry in enumerate(self.commitments)}

    @cached_property
    def _tree(self) -> StandardTree:
        leaves = [(e.participant, e.commitment, e.signature_hash) for e in self.commitments]
        return StandardTree(leaves, _COMMITMENT_TYPES)

    @property
    def root(self) -> bytes:
        """The root of the standard tree over `(participant, commitment, keccak(signature))`."""
        return self._tree.root

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the text: the digest of its raw block in storage."""
        return sha256(self.to_json())

    def find(self, participant: str) -> SignedCommitment | None:
        """Returns a participant's entry, or None if the batch has none."""
        place = self._places.get(participant)
        return None if place is None else self.commitments[place]

    def proof(self, participant: str) -> list[bytes]:
        """Returns the proof of a participant's leaf.

        Raises:
            ConfigError: the batch doesn't hold the participant.
        """
        if participant not in self._places:
            raise ConfigError(f"expected a participant of the batch, got {participant}")
        return self._tree.proof(self._places[participant])

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        entries = [entry.fields() for entry in self.commitments]
        return canonical(
            {
                "format": COMMITMENTS_FORMAT,
                "round": bytes32_to_hex(self.round_id),
                "commitments": entries,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> CommitmentBatch:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or out of order.
        """
        found = _document(data, COMMITMENTS_FORMAT, ("format", "round", "commitments"))
        entries = _entries(found["commitments"])
        return cls(
            bytes32_from_hex(found["round"], "round"),
            tuple(SignedCommitment.of(value) for value in entries),
        )


@dataclass(frozen=True)
class RevealBatch:
    """The openings of a batch's commitments, by ascending address, each participant once.

    The round-trip law: `RevealBatch.parse(r.to_json()) == r`.

    Raises:
        ConfigError: none, too many, another order, or a batch's number outside 32 bits.
    """

    round_id: bytes
    batch: int
    reveals: tuple[Opening, ...]

    def __post_init__(self) -> None:
        """Checks number and order."""
        if type(self.batch) is not int or not 0 <= self.batch < 1 << 32:
            raise ConfigError(f"batch of reveals: expected a batch's number, got {self.batch!r}")
        _check_order([entry.participant for entry in self.reveals])

    @classmethod
    def of(cls, round_id: bytes, batch: int, entries: Iterable[Opening]) -> RevealBatch:
        """Returns the reveals of some entries in any order."""
        return cls(
            round_id, batch, tuple(sorted(entries, key=lambda e: address_order(e.participant)))
        )

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entry.participant: place for place, entry in enumerate(self.reveals)}

    @cached_property
    def _tree(self) -> StandardTree:
        leaves = [(r.participant, r.update_root, r.content_digest, r.weight) for r in self.reveals]
        return StandardTree(leaves, _REVEAL_TYPES)

    @property
    def root(self) -> bytes:
        """The root of the standard tree over `(participant, updateRoot, contentDigest, weight)`."""
        return self._tree.root

    def find(self, participant: str) -> Opening | None:
        """Returns a participant's entry, or None if the reveals have none."""
        place = self._places.get(participant)
        return None if place is None else self.reveals[place]

    def proof(self, opened: Opening) -> list[bytes]:
        """Returns the proof of an entry's leaf.

        Raises:
            ConfigError: the reveals don't hold the entry.
        """
        if self.find(opened.participant) != opened:
            raise ConfigError(f"expected a reveal of the batch, got that of {opened.participant}")
        return self._tree.proof(self._places[opened.participant])

    @property
    def digest(self) -> bytes:
        """The SHA-256 digest of the text: the digest of its raw block in storage."""
        return sha256(self.to_json())

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": REVEALS_FORMAT,
                "round": bytes32_to_hex(self.round_id),
                "batch": self.batch,
                "reveals": [entry.fields() for entry in self.reveals],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> RevealBatch:
        """Reads a document.

        Raises:
            ConfigError: malformed, of another format, or out of order.
        """
        found = _document(data, REVEALS_FORMAT, ("format", "round", "batch", "reveals"))
        entries = tuple(Opening.of(value) for value in _entries(found["reveals"]))
        return cls(bytes32_from_hex(found["round"], "round"), found["batch"], entries)


def _document(data: bytes, name: str, fields: Sequence[str]) -> dict[str, Any]:
    found = require_fields(parse(data, LARGEST_BATCH, "batch"), fields, "batch")
    if found["format"] != name:
        raise ConfigError(f"batch: expected format {name}, got {str(found['format'])[:60]!r}")
    return found


def _entries(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ConfigError(f"batch: expected a list of entries, got {type(value).__name__}")
    return value


def _check_order(participants: Sequence[str]) -> None:
    if not 1 <= len(participants) <= MOST_IN_BATCH:
        raise ConfigError(
            f"batch: expected 1 to {MOST_IN_BATCH} participants, got {len(participants)}; "
            "make several batches"
        )
    for before, after in pairwise(participants):
        if int(before, 16) >= int(after, 16):
            raise ConfigError(f"batch: expected ascending addresses, each once; got {after} late")


# Everybody in a process reads the same few documents, and each is up to 800 signatures long.
_KEPT = 16


@lru_cache(_KEPT)
def read_commitments(data: bytes) -> CommitmentBatch:
    """Reads a batch's document as `CommitmentBatch.parse` does, the newest few once a process."""
    return CommitmentBatch.parse(data)


@lru_cache(_KEPT)
def read_reveals(data: bytes) -> RevealBatch:
    """Reads reveals as `RevealBatch.parse` does, the newest few once a process."""
    return RevealBatch.parse(data)
