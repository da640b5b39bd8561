"""What batches hold of each participant (R-5): a signed commitment, and later what it opens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from eth_abi.abi import encode

from registry.documents.canonical_json import (
    bytes32_from_hex,
    bytes32_to_hex,
    checksummed,
    octets,
    require_fields,
)
from registry.errors import ConfigError
from registry.fraud_proofs.nodes import RevealedUpdate
from registry.hashing import keccak256
from registry.signing import Domain

__all__ = ["LONGEST_SIGNATURE", "Opening", "SignedCommitment", "commitment_of"]

LONGEST_SIGNATURE = 512  # a key's has 65 bytes; a contract account may take a longer one


@dataclass(frozen=True)
class SignedCommitment:
    """A commitment with its participant's signature of `Commitment` (R-5)."""

    participant: str
    commitment: bytes
    signature: bytes

    @property
    def signature_hash(self) -> bytes:
        """The signature's keccak-256, which the batch's leaf binds."""
        return keccak256(self.signature)

    def fields(self) -> dict[str, Any]:
        """Returns the entry as documents write it."""
        return {
            "participant": self.participant,
            "commitment": bytes32_to_hex(self.commitment),
            "signature": "0x" + self.signature.hex(),
        }

    @classmethod
    def of(cls, value: Any) -> SignedCommitment:
        """Reads an entry.

        Raises:
            ConfigError: malformed, a commitment that the contract refuses, or a signature that is
                empty or longer than `LONGEST_SIGNATURE`.
        """
        found = require_fields(value, ("participant", "commitment", "signature"), "commitment")
        commitment = bytes32_from_hex(found["commitment"], "commitment")
        if int.from_bytes(commitment, "big") <= 1:
            raise ConfigError("commitment: expected a word above 1, as the contract does")
        return cls(_address(found["participant"]), commitment, _signature(found["signature"]))


@dataclass(frozen=True)
class Opening(RevealedUpdate):
    """What a participant's commitment opens to; the salt, 32 bytes, hides it until then (R-3)."""

    salt: bytes

    def fields(self) -> dict[str, Any]:
        """Returns the entry as documents write it."""
        return {
            "participant": self.participant,
            "updateRoot": bytes32_to_hex(self.update_root),
            "contentDigest": bytes32_to_hex(self.content_digest),
            "weight": self.weight,
            "salt": bytes32_to_hex(self.salt),
        }

    @classmethod
    def of(cls, value: Any) -> Opening:
        """Reads an entry.

        Raises:
            ConfigError: malformed, or a weight outside 64 bits.
        """
        names = ("participant", "updateRoot", "contentDigest", "weight", "salt")
        found = require_fields(value, names, "reveal")
        weight = found["weight"]
        if type(weight) is not int or not 0 <= weight < 1 << 64:
            raise ConfigError(f"reveal: expected a weight of 64 bits, got {str(weight)[:40]!r}")
        return cls(
            _address(found["participant"]),
            bytes32_from_hex(found["updateRoot"], "updateRoot"),
            bytes32_from_hex(found["contentDigest"], "contentDigest"),
            weight,
            bytes32_from_hex(found["salt"], "salt"),
        )


def commitment_of(domain: Domain, round_id: bytes, opened: Opening) -> bytes:
    """Returns the commitment that an opening gives, 32 bytes (R-3).

    Args:
        domain: of TrainingRounds: the commitment binds its chain and its address.
        round_id: 32 bytes.
        opened: the participant and what it opens to.
    """
    kinds = ["uint256", "address", "bytes32", "address", "bytes32", "bytes32", "uint64", "bytes32"]
    values = (
        domain.chain_id,
        domain.verifying_contract,
        round_id,
        opened.participant,
        opened.update_root,
        opened.content_digest,
        opened.weight,
        opened.salt,
    )
    return keccak256(encode(kinds, values))


def _address(value: Any) -> str:
    return checksummed(value, "batch")


def _signature(value: Any) -> bytes:
    found = octets(value, "signature")
    if not 1 <= len(found) <= LONGEST_SIGNATURE:
        raise ConfigError(f"signature: expected 1 to {LONGEST_SIGNATURE} bytes, got {len(found)}")
    return found
