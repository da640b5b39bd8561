"""Checking signatures: one canonical form, plain accounts and contract accounts.

A secp256k1 signature has a twin (n − s) and several encodings; accepting more than one lets a
stranger make a second valid signature from the first (T-15, SWC-117). Only 65 bytes `r ‖ s ‖ v`
with s in the lower half and v of 27 or 28 pass.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Protocol

from coincurve import PublicKey
from eth_utils.address import to_canonical_address, to_checksum_address

from registry.errors import SignatureInvalid
from registry.hashing import keccak256

__all__ = [
    "ContractSignatureChecker",
    "address_of_public_key",
    "recover",
    "recover_public_key",
    "verify",
]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_HALF_ORDER = _ORDER // 2
_ACCOUNTS = 1 << 12  # whose texts are kept: an address's checksum costs a hash of its own


class ContractSignatureChecker(Protocol):
    """Asks the chain about contract accounts (ERC-1271)."""

    def has_code(self, address: str) -> bool:
        """Tells whether a contract stands at the address."""

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """Tells whether the contract accepts the signature; a revert counts as no."""


def recover_public_key(digest: bytes, signature: bytes) -> bytes:
    """Returns the uncompressed public key behind a signature, 64 bytes (x ‖ y).

    Args:
        digest: the 32 bytes that were signed.
        signature: 65 bytes `r ‖ s ‖ v`.

    Raises:
        SignatureInvalid: not in canonical form, or no key has this signature.
    """
    if len(digest) != 32:
        raise SignatureInvalid(f"expected a digest of 32 bytes, got {len(digest)}")
    _check_canonical(signature)
    # libsecp256k1 itself: a wrapper's own checks, made above, take longer than the recovery.
    recoverable = bytes(signature[:64]) + bytes([signature[64] - 27])
    try:
        found = PublicKey.from_signature_and_message(recoverable, bytes(digest), hasher=None)
    except ValueError as error:
        raise SignatureInvalid("no public key has this signature; sign again") from error
    return bytes(found.format(compressed=False)[1:])


def _check_canonical(signature: bytes) -> None:
    if len(signature) != 65:
        raise SignatureInvalid(
            f"expected a signature of 65 bytes (r, s, v), got {len(signature)}; compact "
            "signatures are refused"
        )
    r = int.from_bytes(signature[:32], "big")
    s = int.from_bytes(signature[32:64], "big")
    v = signature[64]
    if v not in (27, 28):
        raise SignatureInvalid(f"expected v of 27 or 28, got {v}")
    if not 0 < r < _ORDER:
        raise SignatureInvalid("r is zero or not below the group's order")
    if not 0 < s <= _HALF_ORDER:
        raise SignatureInvalid("s is zero or in the upper half; use the canonical low-s twin")


def address_of_public_key(public_key: bytes) -> str:
    """Returns the checksummed address of an uncompressed public key of 64 or 65 bytes.

    Raises:
        SignatureInvalid: another length, or a 65-byte key that does not begin with 0x04.
    """
    raw = public_key
    if len(raw) == 65 and raw[0] == 4:
        raw = raw[1:]
    if len(raw) != 64:
        raise SignatureInvalid(
            f"expected an uncompressed public key of 64 or 65 bytes, got {len(public_key)}"
        )
    return _shown(keccak256(raw)[12:])


@lru_cache(maxsize=_ACCOUNTS)
def _shown(account: bytes) -> str:
    return str(to_checksum_address(account))


@lru_cache(maxsize=_ACCOUNTS)
def _account(address: str) -> bytes:
    return bytes(to_canonical_address(to_checksum_address(address)))


def recover(digest: bytes, signature: bytes) -> str:
    """Returns the checksummed address that signed a digest.

    Raises:
        SignatureInvalid: not in canonical form, or no key has this signature.
    """
    return address_of_public_key(recover_public_key(digest, signature))


def verify(
    address: str,
    digest: bytes,
    signature: bytes,
    code_checker: ContractSignatureChecker | None = None,
) -> None:
    """Returns if `address` signed the digest: its key did, or its contract says so (ERC-1271).

    Args:
        address: the account that should have signed.
        digest: 32 bytes.
        signature: 65 canonical bytes; for a contract account, whatever it takes.
        code_checker: the chain's answer for contract accounts; None: every account is a key.

    Raises:
        SignatureInvalid: it did not.
    """
    expected = _shown(_account(address))
    try:
        signer = recover(digest, signature)
    except SignatureInvalid:
        if code_checker is None or not code_checker.has_code(expected):
            raise
        signer = ""
    # Whoever holds the account's key has signed, code or not: a key that delegates to code, or gets
    # code later, has still signed what it signed, and nobody holds the key of a contract's address.
    if signer == expected:
        return
    if code_checker is not None and code_checker.has_code(expected):
        if not code_checker.is_valid_signature(expected, digest, signature):
            raise SignatureInvalid(f"the contract account {expected} does not accept the signature")
        return
    raise SignatureInvalid(f"expected a signature by {expected}, got one by {signer}")
