"""Signed attestations as files that evaluators hand on: canonical JSON, one signature each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    canonical,
    checksummed,
    octets,
    parse,
    require_fields,
)
from registry.errors import ConfigError
from registry.signing import AttestationStatement

__all__ = ["LARGEST_ATTESTATION", "SignedAttestation", "scores_digest"]

FORMAT = "tallystick/attestation/2"
LARGEST_ATTESTATION = 4_096
_WORDS = (
    "round",
    "versionDigest",
    "documentDigest",
    "payoutRoot",
    "payoutDocument",
    "scoresDigest",
)
_FIELDS = ("format", "evaluator", "payoutTotal", "signature", *_WORDS)


def scores_digest(scores: Mapping[str, int]) -> bytes:
    """Returns the digest of scores by participant, 32 bytes."""
    return sha256(canonical(dict(scores))).digest()


@dataclass(frozen=True)
class SignedAttestation:
    """What one evaluator found, and its signature of 65 bytes.

    The round-trip law: `SignedAttestation.parse(a.to_json()) == a`.
    """

    evaluator: str
    statement: AttestationStatement
    signature: bytes

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        found = self.statement
        return canonical(
            {
                "format": FORMAT,
                "evaluator": self.evaluator,
                "round": bytes32_to_hex(found.round_id),
                "versionDigest": bytes32_to_hex(found.version_digest),
                "documentDigest": bytes32_to_hex(found.document_digest),
                "payoutRoot": bytes32_to_hex(found.payout_root),
                "payoutDocument": bytes32_to_hex(found.payout_document),
                "payoutTotal": str(found.payout_total),
                "scoresDigest": bytes32_to_hex(found.scores_digest),
                "signature": "0x" + self.signature.hex(),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> SignedAttestation:
        """Reads one.

        Raises:
            ConfigError: malformed, or of another format.
        """
        fields = parse(data, LARGEST_ATTESTATION, "attestation")
        found = require_fields(fields, _FIELDS, "attestation")
        if found["format"] != FORMAT:
            raise ConfigError(f"attestation: expected format {FORMAT}, got {found['format']!r:.60}")
        round_id, version, document, payout, listed, scores = (
            bytes32_from_hex(found[name], name) for name in _WORDS
        )
        total = _amount(found["payoutTotal"])
        return cls(
            checksummed(found["evaluator"], "attestation"),
            AttestationStatement(round_id, version, document, payout, total, listed, scores),
            octets(found["signature"], "attestation: signature"),
        )


def _amount(value: Any) -> int:
    """Returns the amount that decimal text stands for, in the one form that it has."""
    if isinstance(value, str) and value.isdecimal() and len(value) <= 78:
        amount = int(value)
        if str(amount) == value:
            return amount
    raise ConfigError(f"attestation: expected an amount, got {str(value)[:90]!r}")
