"""Content keys wrapped for one grantee each: ECIES on secp256k1 (C-5).

Source: Shoup, "A proposal for an ISO standard for public key encryption"; see
`registry.crypto.sealing`. A wrapped key is 129 bytes.

An address is a hash of a public key, which therefore can't be had from it: a grantee tells its
public key, or signs anything, since it can be recovered from a signature.
"""

from __future__ import annotations

from registry.crypto.envelope import KEY_BYTES
from registry.crypto.sealing import seal, unseal
from registry.errors import ConfigError, DecryptionFailed
from registry.signing import (
    Domain,
    LocalSigner,
    PublicKeyStatement,
    Signer,
    address_of_public_key,
    digest,
    recover_public_key,
)

__all__ = [
    "WRAPPED_BYTES",
    "public_key_digest",
    "public_key_from_statement",
    "public_key_of",
    "unwrap_key",
    "wrap_key",
]

WRAPPED_BYTES = 129


def wrap_key(public_key: bytes, content_key: bytes) -> bytes:
    """Returns a content key that only the public key's holder can unwrap; each time another text.

    Args:
        public_key: the grantee's, uncompressed, 64 or 65 bytes.
        content_key: 32 bytes.

    Raises:
        ConfigError: another length, or no point of the curve.
    """
    if len(content_key) != KEY_BYTES:
        raise ConfigError(f"expected a content key of {KEY_BYTES} bytes, got {len(content_key)}")
    return seal(public_key, content_key)


def unwrap_key(signer: Signer, wrapped: bytes) -> bytes:
    """Returns the content key that was wrapped for a signer.

    Raises:
        DecryptionFailed: it was wrapped for another account, or changed.
        ConfigError: the signer does not hold its private key here.
    """
    if not isinstance(signer, LocalSigner):
        raise ConfigError(f"unwrapping a key needs the private key of {signer.address} here")
    if len(wrapped) != WRAPPED_BYTES:
        raise DecryptionFailed(
            f"expected a wrapped key of {WRAPPED_BYTES} bytes, got {len(wrapped)}"
        )
    try:
        return unseal(signer.private_key(), wrapped)
    except DecryptionFailed as error:
        raise DecryptionFailed(
            f"the key was not wrapped for {signer.address}, or it was changed; ask for a new grant"
        ) from error


def public_key_digest(account: str) -> bytes:
    """Returns what an account signs to tell its public key: one statement, good on every chain."""
    domain = Domain("Tallystick Keys", "1", 0, account)
    return digest(domain, PublicKeyStatement(account))


def public_key_from_statement(account: str, signature: bytes) -> bytes:
    """Returns an account's uncompressed public key, 64 bytes, from its signed statement.

    Raises:
        SignatureInvalid: malformed.
        ConfigError: signed by another account.
    """
    public_key = recover_public_key(public_key_digest(account), signature)
    found = address_of_public_key(public_key)
    if found.lower() != account.lower():
        raise ConfigError(f"expected the statement of {account}, got one by {found}")
    return public_key


def public_key_of(signer: Signer) -> bytes:
    """Returns a signer's uncompressed public key, 64 bytes; a device is asked to sign for it."""
    if isinstance(signer, LocalSigner):
        return signer.public_key
    signature = signer.sign_digest(public_key_digest(signer.address))
    return public_key_from_statement(signer.address, signature)
