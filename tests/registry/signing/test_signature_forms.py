"""T-15 (SWC-117): of all forms that a signature could take, one is accepted."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from eth_keys.backends import get_backend
from eth_keys.datatypes import Signature
from eth_keys.exceptions import BadSignature
from eth_keys.main import KeyAPI
from eth_utils.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.errors import ConfigError, SignatureInvalid
from registry.hashing import keccak256
from registry.signing import (
    LocalSigner,
    UpdateStatement,
    address_of_public_key,
    recover,
    recover_public_key,
    verify,
)

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HOSPITAL = LocalSigner.from_key(bytes(31) + b"\x07")
STRANGER = LocalSigner.from_key(bytes(31) + b"\x08")
DIGEST = keccak256(b"a statement")
SIGNATURE = HOSPITAL.sign_digest(DIGEST)
R, S, V = SIGNATURE[:32], SIGNATURE[32:64], SIGNATURE[64]


def word(value: int) -> bytes:
    """Returns a number as 32 bytes."""
    return value.to_bytes(32, "big")


@settings(max_examples=50, deadline=None)
@given(key=st.integers(1, ORDER - 1), message=st.binary(max_size=64))
def test_what_a_key_signs_recovers_to_its_address(key: int, message: bytes) -> None:
    signer = LocalSigner.from_key(word(key))
    signature = signer.sign_digest(keccak256(message))
    assert len(signature) == 65
    assert signature[64] in (27, 28)
    assert int.from_bytes(signature[32:64], "big") <= ORDER // 2
    assert recover(keccak256(message), signature) == signer.address
    assert recover_public_key(keccak256(message), signature) == signer.public_key


def test_t15_the_high_s_twin_is_refused() -> None:
    twin = R + word(ORDER - int.from_bytes(S, "big")) + bytes([55 - V])
    with pytest.raises(SignatureInvalid, match="upper half"):
        recover(DIGEST, twin)


def test_t15_the_lower_half_ends_at_half_the_order() -> None:
    recover(DIGEST, R + word(ORDER // 2) + bytes([V]))
    with pytest.raises(SignatureInvalid, match="upper half"):
        recover(DIGEST, R + word(ORDER // 2 + 1) + bytes([V]))


@pytest.mark.parametrize("v", [0, 1, 2, 26, 29, 35, 36, 255])
def test_t15_another_v_is_refused(v: int) -> None:
    with pytest.raises(SignatureInvalid, match="v of 27 or 28"):
        recover(DIGEST, R + S + bytes([v]))


def test_t15_the_compact_form_is_refused() -> None:
    compact = R + word(int.from_bytes(S, "big") | (V - 27) << 255)
    with pytest.raises(SignatureInvalid, match="65 bytes"):
        recover(DIGEST, compact)


@pytest.mark.parametrize("length", [0, 1, 64, 66, 130])
def test_t15_another_length_is_refused(length: int) -> None:
    with pytest.raises(SignatureInvalid, match="65 bytes"):
        recover(DIGEST, (SIGNATURE * 2)[:length])


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (bytes(32), S),
        (R, bytes(32)),
        (bytes(32), bytes(32)),
        (word(ORDER), S),
        (word(ORDER + 1), S),
        (b"\xff" * 32, S),
    ],
)
def test_t15_zero_and_overlong_values_never_recover(r: bytes, s: bytes) -> None:
    with pytest.raises(SignatureInvalid):
        recover(DIGEST, r + s + b"\x1b")


def test_t15_an_r_that_is_no_point_is_refused() -> None:
    refused = 0
    for r in range(1, 40):
        try:
            recover(DIGEST, word(r) + S + b"\x1b")
        except SignatureInvalid:
            refused += 1
    assert refused > 10  # about half of all x have no point on the curve


def test_a_digest_of_another_length_is_refused() -> None:
    with pytest.raises(SignatureInvalid, match="digest of 32 bytes"):
        recover(b"short", SIGNATURE)


def test_verify_names_the_account_that_signed() -> None:
    verify(HOSPITAL.address, DIGEST, SIGNATURE)
    verify(HOSPITAL.address.lower(), DIGEST, SIGNATURE)
    with pytest.raises(
        SignatureInvalid, match=f"expected .*{STRANGER.address}.*{HOSPITAL.address}"
    ):
        verify(STRANGER.address, DIGEST, SIGNATURE)


class Wallets:
    """A chain with one contract account, which accepts one text."""

    def __init__(self, account: str, accepted: bytes) -> None:
        self.account, self.accepted = account, accepted

    def has_code(self, address: str) -> bool:
        """One account has code."""
        return address == self.account

    def is_valid_signature(self, address: str, digest: bytes, signature: bytes) -> bool:
        """One signature is good."""
        return address == self.account and signature == self.accepted


def test_a_contract_account_decides_for_itself() -> None:
    wallets = Wallets(STRANGER.address, b"two of three")
    verify(STRANGER.address, DIGEST, b"two of three", wallets)
    verify(HOSPITAL.address, DIGEST, SIGNATURE, wallets)
    for refused in (b"one of three", SIGNATURE):
        with pytest.raises(SignatureInvalid, match="contract account"):
            verify(STRANGER.address, DIGEST, refused, wallets)


def test_a_key_whose_account_got_code_has_still_signed() -> None:
    delegated = Wallets(STRANGER.address, b"two of three")
    verify(STRANGER.address, DIGEST, STRANGER.sign_digest(DIGEST), delegated)


def test_without_a_chain_every_account_is_a_key() -> None:
    with pytest.raises(SignatureInvalid):
        verify(STRANGER.address, DIGEST, b"two of three")


@pytest.mark.parametrize("length", [0, 33, 63, 66])
def test_a_public_key_of_another_length_has_no_address(length: int) -> None:
    with pytest.raises(SignatureInvalid, match="64 or 65 bytes"):
        address_of_public_key(bytes(length))


def test_both_lengths_of_an_uncompressed_key_have_the_same_address() -> None:
    assert address_of_public_key(HOSPITAL.public_key) == HOSPITAL.address
    assert address_of_public_key(b"\x04" + HOSPITAL.public_key) == HOSPITAL.address


def test_recovery_runs_on_the_fast_backend() -> None:
    assert type(get_backend()).__name__ == "CoinCurveECCBackend"
    assert type(KeyAPI().backend).__name__ == "CoinCurveECCBackend"


def test_no_module_of_the_package_reaches_for_the_network_or_torch() -> None:
    package = Path(__file__).parents[3] / "registry" / "signing"
    text = "".join(path.read_text() for path in sorted(package.glob("*.py")))
    assert "import web3" not in text
    assert "import torch" not in text


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64), st.booleans())
def test_two_libraries_recover_the_same_key_or_none(
    message: bytes, numbers: bytes, odd: bool
) -> None:
    r, s = int.from_bytes(numbers[:32]), int.from_bytes(numbers[32:]) >> 1
    try:
        found = Signature(vrs=(int(odd), r, s)).recover_public_key_from_msg_hash(message)
        expected = found.to_bytes()
    except (BadSignature, ValidationError):
        expected = b""
    signature = r.to_bytes(32) + s.to_bytes(32) + bytes([27 + odd])
    try:
        assert recover_public_key(message, signature) == expected
    except SignatureInvalid:
        assert expected == b"" or s > ORDER // 2


@pytest.mark.parametrize("value", [[], {}, None, 7, "0x12"])
def test_what_is_no_address_signs_nothing(value: Any) -> None:
    with pytest.raises(ConfigError, match="expected an address of 20 bytes"):
        UpdateStatement(bytes(32), value, bytes(32), 1)
