"""Accounts that sign. A key stays inside its signer and shows in no repr, error or pickle."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, NoReturn, final

from eth_keys.datatypes import PrivateKey
from eth_utils.address import to_checksum_address

from registry.errors import ConfigError, SignatureInvalid
from registry.signing.typed_data import Domain, Statement
from registry.signing.typed_data import digest as typed_digest
from registry.signing.verify import recover

__all__ = ["LocalSigner", "Signer"]

_ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Signer(ABC):
    """An account that signs. Hardware and remote signers implement the three abstract members."""

    @property
    @abstractmethod
    def address(self) -> str:
        """The account's checksummed address."""

    @abstractmethod
    def sign_digest(self, digest: bytes) -> bytes:
        """Returns the 65-byte canonical signature (r ‖ s ‖ v) of a 32-byte digest."""

    @abstractmethod
    def sign_transaction(self, transaction: dict[str, Any]) -> bytes:
        """Returns the raw signed transaction.

        Args:
            transaction: the fields as JSON-RPC names them, complete with nonce, gas, fees and
                chain id.
        """

    @final
    def sign_typed(self, domain: Domain, message: Statement) -> bytes:
        """Returns the 65-byte signature of an EIP-712 statement.

        Raises:
            SignatureInvalid: the device behind the signer answered with another account's
                signature, or with one that is not canonical.
        """
        digest = typed_digest(domain, message)
        signature = self.sign_digest(digest)
        if recover(digest, signature) != self.address:
            raise SignatureInvalid(f"the signer of {self.address} signed with another key")
        return signature


@final
class LocalSigner(Signer):
    """A signer that holds its private key in memory."""

    __slots__ = ("_address", "_key")

    def __init__(self, key: bytes) -> None:
        if len(key) != 32 or not 0 < int.from_bytes(key, "big") < _ORDER:
            # The value itself stays out of the message: it might be a key with a typing error.
            raise ConfigError(
                f"expected a private key of 32 bytes between 1 and the group's order, "
                f"got {len(key)} bytes"
            )
        self._key = PrivateKey(key)
        self._address = str(to_checksum_address(self._key.public_key.to_canonical_address()))

    @classmethod
    def from_key(cls, key: bytes | str) -> LocalSigner:
        """Makes a signer of a raw private key: 32 bytes, or 64 hexadecimal digits.

        Raises:
            ConfigError: it is no private key.
        """
        if isinstance(key, bytes):
            return cls(key)
        try:
            raw = bytes.fromhex(key.strip().removeprefix("0x"))
        except ValueError:
            raise ConfigError(
                "expected a private key of 64 hexadecimal digits, got another text"
            ) from None
        return cls(raw)

    @property
    def address(self) -> str:
        """The account's checksummed address."""
        return self._address

    @property
    def public_key(self) -> bytes:
        """The uncompressed public key, 64 bytes (x ‖ y)."""
        return bytes(self._key.public_key.to_bytes())

    def private_key(self) -> bytes:
        """Returns the 32-byte private key, for decryption and for writing a keystore only."""
        return bytes(self._key.to_bytes())

    def sign_digest(self, digest: bytes) -> bytes:
        """Returns the 65-byte canonical signature of a 32-byte digest (RFC 6979, low s).

        Raises:
            ConfigError: another length than 32 bytes.
        """
        if len(digest) != 32:
            raise ConfigError(f"expected a digest of 32 bytes, got {len(digest)}")
        raw = self._key.sign_msg_hash(digest).to_bytes()
        return bytes(raw[:64]) + bytes([raw[64] + 27])

    def sign_transaction(self, transaction: dict[str, Any]) -> bytes:
        """Returns the raw signed transaction."""
        from eth_account import Account  # takes long to load, and readers sign nothing

        signed = Account.sign_transaction(transaction, self._key.to_bytes())
        return bytes(signed.raw_transaction)

    def __repr__(self) -> str:
        return f"LocalSigner({self._address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a LocalSigner holds a private key and is not serialised")
