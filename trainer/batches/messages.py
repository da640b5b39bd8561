"""What participants and coordinator hand each other outside the chain, as canonical JSON.

Nothing in a mailbox is trusted: a commitment is good by its signature, an opening by the commitment
that it opens, and a receipt does no more than put off a participant's own reveal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from registry.documents.batch_entries import Opening, SignedCommitment
from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    parse,
    require_fields,
)
from registry.errors import ConfigError

__all__ = [
    "COMMITMENT",
    "LARGEST_HANDED",
    "OPENING",
    "RECEIPT",
    "HandedCommitment",
    "HandedOpening",
    "SubmissionReceipt",
]

COMMITMENT = "commitment"
OPENING = "opening"
RECEIPT = "receipt"
LARGEST_HANDED = 1 << 16
_LONGEST_PROOF = 64


@dataclass(frozen=True)
class HandedCommitment:
    """A signed commitment for a batch, with the proof that its participant is invited.

    The round-trip law: `HandedCommitment.parse(h.to_json()) == h`.
    """

    round_id: bytes
    entry: SignedCommitment
    allow_list_proof: tuple[bytes, ...] = ()

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": "tallystick/handed-commitment/1",
                "round": bytes32_to_hex(self.round_id),
                "entry": self.entry.fields(),
                "allowListProof": [bytes32_to_hex(sibling) for sibling in self.allow_list_proof],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> HandedCommitment:
        """Reads a document.

        Raises:
            ConfigError: malformed.
        """
        found = _document(data, "handed-commitment", ("entry", "allowListProof"))
        proof = _list(found["allowListProof"], _LONGEST_PROOF)
        siblings = tuple(bytes32_from_hex(sibling, "allowListProof") for sibling in proof)
        return cls(
            bytes32_from_hex(found["round"], "round"), SignedCommitment.of(found["entry"]), siblings
        )


@dataclass(frozen=True)
class HandedOpening:
    """The opening of a commitment that stands in a batch.

    The round-trip law: `HandedOpening.parse(h.to_json()) == h`.
    """

    round_id: bytes
    opened: Opening

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": "tallystick/handed-opening/1",
                "round": bytes32_to_hex(self.round_id),
                "entry": self.opened.fields(),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> HandedOpening:
        """Reads a document.

        Raises:
            ConfigError: malformed.
        """
        found = _document(data, "handed-opening", ("entry",))
        return cls(bytes32_from_hex(found["round"], "round"), Opening.of(found["entry"]))


@dataclass(frozen=True)
class SubmissionReceipt:
    """That the coordinator has a participant's opening and will post it: each has one of its own.

    One for all would be read by everybody, and outgrow a mailbox with some 1,300 participants.
    """

    round_id: bytes
    participant: str

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": "tallystick/receipt/1",
                "round": bytes32_to_hex(self.round_id),
                "participant": self.participant,
            }
        )


def _document(data: bytes, name: str, fields: tuple[str, ...]) -> dict[str, Any]:
    found = require_fields(parse(data, LARGEST_HANDED, name), ("format", "round", *fields), name)
    if found["format"] != f"tallystick/{name}/1":
        raise ConfigError(f"{name}: expected format tallystick/{name}/1")
    return found


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise ConfigError(f"expected a list of at most {most} entries")
    return value
