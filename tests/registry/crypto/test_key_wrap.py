"""Wrapped keys: for one grantee, and nobody else."""

from __future__ import annotations

import os
from typing import Any

import pytest

from registry.crypto import (
    public_key_digest,
    public_key_from_statement,
    public_key_of,
    unwrap_key,
    wrap_key,
)
from registry.crypto.key_wrap import WRAPPED_BYTES
from registry.errors import ConfigError, DecryptionFailed, SignatureInvalid
from registry.signing import LocalSigner, Signer, address_of_public_key

GRANTEE = LocalSigner.from_key(bytes(31) + b"\x07")
STRANGER = LocalSigner.from_key(bytes(31) + b"\x08")
KEY = bytes(range(32))


def test_c5_the_grantee_unwraps_what_was_wrapped_for_it() -> None:
    for public_key in (GRANTEE.public_key, b"\x04" + GRANTEE.public_key):
        wrapped = wrap_key(public_key, KEY)
        assert len(wrapped) == WRAPPED_BYTES
        assert KEY not in wrapped
        assert unwrap_key(GRANTEE, wrapped) == KEY


def test_c5_a_stranger_does_not() -> None:
    with pytest.raises(DecryptionFailed, match=f"not wrapped for {STRANGER.address}"):
        unwrap_key(STRANGER, wrap_key(GRANTEE.public_key, KEY))


def test_wrapping_twice_gives_two_texts() -> None:
    assert wrap_key(GRANTEE.public_key, KEY) != wrap_key(GRANTEE.public_key, KEY)


@pytest.mark.parametrize("at", [0, 1, 64, 65, 80, 81, 96, 97, 128])
def test_a_changed_wrapped_key_is_refused(at: int) -> None:
    wrapped = bytearray(wrap_key(GRANTEE.public_key, KEY))
    wrapped[at] ^= 1
    with pytest.raises(DecryptionFailed):
        unwrap_key(GRANTEE, bytes(wrapped))


@pytest.mark.parametrize("size", [0, 64, 128, 130, 1000])
def test_a_wrapped_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(DecryptionFailed, match="129 bytes"):
        unwrap_key(GRANTEE, os.urandom(size))


@pytest.mark.parametrize(
    "public_key", [b"", bytes(64), b"\xff" * 64, bytes(33), b"\x05" + bytes(64)]
)
def test_what_is_no_public_key_is_refused(public_key: bytes) -> None:
    with pytest.raises(ConfigError, match="public key"):
        wrap_key(public_key, KEY)


@pytest.mark.parametrize("size", [0, 16, 33])
def test_a_content_key_of_another_length_is_not_wrapped(size: int) -> None:
    with pytest.raises(ConfigError, match="32 bytes"):
        wrap_key(GRANTEE.public_key, bytes(size))


class Device(Signer):
    """A signer that shows its private key to nobody."""

    @property
    def address(self) -> str:
        """The grantee's."""
        return GRANTEE.address

    def sign_digest(self, digest: bytes) -> bytes:
        """Signs."""
        return GRANTEE.sign_digest(digest)

    def sign_transaction(self, transaction: dict[str, Any]) -> bytes:
        """Signs."""
        return GRANTEE.sign_transaction(transaction)


def test_a_devices_public_key_is_had_from_a_signature() -> None:
    assert public_key_of(GRANTEE) == public_key_of(Device()) == GRANTEE.public_key
    assert address_of_public_key(public_key_of(Device())) == GRANTEE.address


def test_a_device_cannot_unwrap() -> None:
    with pytest.raises(ConfigError, match="private key"):
        unwrap_key(Device(), wrap_key(GRANTEE.public_key, KEY))


def test_a_statement_of_a_public_key_is_good_for_its_account_only() -> None:
    signature = GRANTEE.sign_digest(public_key_digest(GRANTEE.address))
    assert public_key_from_statement(GRANTEE.address, signature) == GRANTEE.public_key
    with pytest.raises(ConfigError, match="got one by"):
        public_key_from_statement(STRANGER.address, signature)
    with pytest.raises(SignatureInvalid):
        public_key_from_statement(GRANTEE.address, signature[:64])
