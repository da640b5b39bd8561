"""Short texts sealed to a public key: ECIES on secp256k1, by the package `eciespy`.

An ephemeral key agrees with the receiver's, HKDF-SHA-256 derives the AES-256-GCM key. A sealed text
is 97 bytes longer: ephemeral public key (65), nonce (16), tag (16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from registry.errors import ConfigError, DecryptionFailed

if TYPE_CHECKING:
    from ecies.config import Config

__all__ = ["SEALED_OVERHEAD", "seal", "unseal"]

SEALED_OVERHEAD = 97


def _ecies() -> Config:
    """Returns how texts are sealed; ecies takes long to load, and few commands seal anything."""
    from ecies.config import Config

    return Config(
        elliptic_curve="secp256k1",
        is_ephemeral_key_compressed=False,
        is_hkdf_key_compressed=False,
        symmetric_algorithm="aes-256-gcm",
        symmetric_nonce_length=16,
    )


def seal(public_key: bytes, text: bytes) -> bytes:
    """Returns a text that only the public key's holder can open; each time other bytes.

    Args:
        public_key: uncompressed, 64 or 65 bytes.
        text: what is sealed.

    Raises:
        ConfigError: a key of another length, or no point of the curve.
    """
    raw = public_key[1:] if len(public_key) == 65 and public_key[0] == 4 else public_key
    if len(raw) != 64:
        raise ConfigError(
            f"expected an uncompressed public key of 64 or 65 bytes, got {len(public_key)}"
        )
    from ecies import encrypt

    try:
        return bytes(encrypt(b"\x04" + raw, text, _ecies()))
    except ValueError as error:
        raise ConfigError("expected a public key on secp256k1; ask for it again") from error


def unseal(secret_key: bytes, sealed: bytes) -> bytes:
    """Returns a sealed text.

    Raises:
        DecryptionFailed: it was sealed to another key, or changed.
    """
    from ecies import decrypt

    try:
        return bytes(decrypt(secret_key, sealed, _ecies()))
    except Exception as error:  # the backends raise what they like; none of it is of use here
        raise DecryptionFailed("it was sealed to another key, or changed") from error
