"""A bundle: what a participant of a hidden round hands to its neighbours, sealed for each (H-4).

The chain has the digest of the document, the commitment to the mask seed and the root over all
shares; the document repeats round, dealer and root, so that one of another round, or of somebody
else, is told from a right one by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from registry.merkle import StandardTree

__all__ = ["LARGEST_BUNDLE", "SEALED_BYTES", "SealedShares", "SecretBundle"]

FORMAT = "tallystick/bundle/1"
SEALED_BYTES = 161
"""Two shares of 32 bytes under ECIES: ephemeral key (65), nonce (16), tag (16), text (64)."""
LARGEST_BUNDLE = 262_144
_FIELDS = ("format", "round", "dealer", "seedCommitment", "shareRoot", "sealed")
_SEALED = ("holder", "leaves", "shares")
_MOST_HOLDERS = 255


@dataclass(frozen=True)
class SealedShares:
    """What a bundle holds for one neighbour.

    Args:
        leaves: hashes of its shares in the tree of all, of the seed's and of the key's: by all of
            them each holder has the proofs of its own.
        text: the two shares, sealed to the holder's key of this round, 161 bytes.
    """

    leaves: tuple[bytes, bytes]
    text: bytes


@dataclass(frozen=True)
class SecretBundle:
    """One participant's shares for its neighbours.

    The round-trip law: `SecretBundle.parse(b.to_json()) == b`.

    Args:
        round_id: 32 bytes.
        dealer: whose secrets are shared, a checksummed address.
        seed_commitment: to the mask seed, 32 bytes.
        share_root: over all shares, 32 bytes.
        sealed: by holder, in the order of the holders' places.

    Raises:
        ConfigError: no holder, too many, or a sealed text of another length.
    """

    round_id: bytes
    dealer: str
    seed_commitment: bytes
    share_root: bytes
    sealed: Mapping[str, SealedShares]

    def __post_init__(self) -> None:
        """Checks how many there are, and their lengths."""
        if not 1 <= len(self.sealed) <= _MOST_HOLDERS:
            raise ConfigError(
                f"bundle: expected 1 to {_MOST_HOLDERS} holders, got {len(self.sealed)}"
            )
        for holder, shares in self.sealed.items():
            if len(shares.text) != SEALED_BYTES:
                raise ConfigError(
                    f"bundle: expected {SEALED_BYTES} bytes for {holder}, got {len(shares.text)}"
                )
        if self.tree.root != self.share_root:
            raise ConfigError("bundle: expected leaves under its share root, got others")

    @property
    def tree(self) -> StandardTree:
        """The tree over all shares: holder after holder, of the seed and of the key.

        Raises:
            ConfigError: a leaf twice.
        """
        return StandardTree.over([leaf for held in self.sealed.values() for leaf in held.leaves])

    def to_json(self) -> bytes:
        """Returns the canonical text."""
        return canonical(
            {
                "format": FORMAT,
                "round": bytes32_to_hex(self.round_id),
                "dealer": self.dealer,
                "seedCommitment": bytes32_to_hex(self.seed_commitment),
                "shareRoot": bytes32_to_hex(self.share_root),
                "sealed": [
                    {
                        "holder": holder,
                        "leaves": [bytes32_to_hex(leaf) for leaf in held.leaves],
                        "shares": "0x" + held.text.hex(),
                    }
                    for holder, held in self.sealed.items()
                ],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> SecretBundle:
        """Reads a bundle.

        Raises:
            ConfigError: malformed, of another format, or a holder twice.
        """
        found = require_fields(parse(data, LARGEST_BUNDLE, "bundle"), _FIELDS, "bundle")
        if found["format"] != FORMAT:
            raise ConfigError(f"bundle: expected format {FORMAT}, got {found['format']!r:.60}")
        if not isinstance(found["sealed"], list):
            raise ConfigError("bundle: expected a list of sealed shares")
        entries = [_entry(item) for item in found["sealed"]]
        if len(sealed := dict(entries)) != len(entries):
            raise ConfigError("bundle: expected each holder once")
        return cls(
            bytes32_from_hex(found["round"], "round"),
            checksummed(found["dealer"], "dealer"),
            bytes32_from_hex(found["seedCommitment"], "seedCommitment"),
            bytes32_from_hex(found["shareRoot"], "shareRoot"),
            sealed,
        )


def _entry(item: Any) -> tuple[str, SealedShares]:
    fields = require_fields(item, _SEALED, "bundle: sealed")
    leaves = fields["leaves"]
    if not isinstance(leaves, list) or len(leaves) != 2:
        raise ConfigError("bundle: expected two leaves for each holder")
    of_seed, of_key = (bytes32_from_hex(leaf, "leaves") for leaf in leaves)
    text = octets(fields["shares"], "shares")
    return checksummed(fields["holder"], "holder"), SealedShares((of_seed, of_key), text)
