"""Given a bundle of sealed shares

when it is written and read: it is the same, in the holders' order
when its text is another than the format's: it is refused with what was expected
when it is changed anywhere that its root covers: it is refused
when a sealed text is opened by another key, or a byte of it was changed: it says so
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from registry.crypto.sealing import SEALED_OVERHEAD, seal, unseal
from registry.documents.bundles import (
    LARGEST_BUNDLE,
    SEALED_BYTES,
    SealedShares,
    SecretBundle,
)
from registry.documents.canonical_json import canonical
from registry.errors import ConfigError, DecryptionFailed
from registry.merkle import StandardTree
from registry.signing import LocalSigner

PEOPLE = [LocalSigner.from_key(bytes(31) + bytes([n])).address for n in range(1, 5)]
DEALER, *HOLDERS = PEOPLE
# The generator and twice it.
ONE, TWO = (bytes(31) + bytes([n]) for n in (1, 2))
GENERATOR = bytes.fromhex(
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8"
)


def bundle() -> SecretBundle:
    """A bundle for three, whose texts are no sealed ones: nobody opens them here."""
    sealed = {
        who: SealedShares((bytes([n]) * 32, bytes([n + 10]) * 32), bytes([n]) * SEALED_BYTES)
        for n, who in enumerate(HOLDERS, 1)
    }
    root = StandardTree.over([leaf for held in sealed.values() for leaf in held.leaves]).root
    return SecretBundle(b"\x05" * 32, DEALER, b"\x06" * 32, root, sealed)


def changed(**fields: Any) -> bytes:
    """The document with other fields; a field that is `...` is left out."""
    told = json.loads(bundle().to_json()) | fields
    return canonical({key: value for key, value in told.items() if value is not ...})


def entry(**fields: Any) -> list[Any]:
    """The list of sealed shares with other fields in the first."""
    told = json.loads(bundle().to_json())["sealed"]
    first = {key: value for key, value in (told[0] | fields).items() if value is not ...}
    return [first, *told[1:]]


def test_it_is_read_as_it_was_written() -> None:
    read = SecretBundle.parse(bundle().to_json())
    assert read == bundle()
    assert list(read.sealed) == HOLDERS
    assert read.to_json() == bundle().to_json()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "expected JSON"),
        (b"[]", "bundle: expected a JSON object, got list"),
        (b'{"a":1,"a":2}', "the key 'a' appears twice"),
        (bundle().to_json() + b" ", "not in canonical form"),
        (changed(format="tallystick/bundle/2"), "expected format tallystick/bundle/1"),
        (changed(sealed=...), "bundle: missing sealed"),
        (changed(extra=1), "bundle: unknown extra"),
        (changed(sealed={}), "expected a list of sealed shares"),
        (changed(sealed=[]), "expected 1 to 255 holders, got 0"),
        (changed(sealed=[1]), "bundle: sealed: expected a JSON object, got int"),
        (changed(sealed=entry() + entry()[:1]), "expected each holder once"),
        (changed(sealed=entry(leaves=...)), "bundle: sealed: missing leaves"),
        (changed(sealed=entry(leaves=["0x" + "01" * 32])), "expected two leaves"),
        (changed(sealed=entry(leaves=["0x", "0x"])), "leaves: expected 0x and 64"),
        (changed(sealed=entry(shares="0x00")), f"expected {SEALED_BYTES} bytes for {HOLDERS[0]}"),
        (changed(sealed=entry(shares="00")), "shares: expected 0x and hexadecimal digits"),
        (changed(sealed=entry(holder=HOLDERS[0].lower())), "holder: expected a checksummed"),
        (changed(dealer="0x1"), "dealer: expected a checksummed address"),
        (changed(round="0x05"), "round: expected 0x and 64"),
        (changed(seedCommitment=None), "seedCommitment: expected 0x and 64"),
        (changed(shareRoot="0x" + "00" * 32), "expected leaves under its share root, got others"),
        (changed(sealed=entry()[:2]), "expected leaves under its share root, got others"),
        (b"{" + b" " * LARGEST_BUNDLE + b"}", f"expected at most {LARGEST_BUNDLE} bytes"),
    ],
)
def test_another_text_is_refused_with_what_was_expected(data: bytes, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        SecretBundle.parse(data)


def test_a_leaf_under_two_holders_is_refused() -> None:
    sealed = {who: bundle().sealed[HOLDERS[0]] for who in HOLDERS}
    with pytest.raises(ConfigError):
        replace(bundle(), sealed=sealed)


def test_the_largest_bundle_fits_the_limit() -> None:
    people = [LocalSigner.from_key(n.to_bytes(32, "big")).address for n in range(1, 256)]
    sealed = {
        who: SealedShares(
            ((2 * n).to_bytes(32, "big"), (2 * n + 1).to_bytes(32, "big")), bytes(161)
        )
        for n, who in enumerate(people)
    }
    root = StandardTree.over([leaf for held in sealed.values() for leaf in held.leaves]).root
    largest = SecretBundle(b"\x05" * 32, DEALER, b"\x06" * 32, root, sealed)
    assert SecretBundle.parse(largest.to_json()) == largest
    more = {**sealed, DEALER: sealed[people[0]]}
    more[LocalSigner.from_key(b"\x07" * 32).address] = sealed[people[0]]
    with pytest.raises(ConfigError, match="expected 1 to 255 holders, got 256"):
        replace(largest, sealed=more)


def test_what_is_sealed_opens_for_its_key_alone_and_unchanged() -> None:
    for key in (GENERATOR, b"\x04" + GENERATOR):
        sealed = seal(key, b"share")
        assert len(sealed) == 5 + SEALED_OVERHEAD
        assert unseal(ONE, sealed) == b"share"
        with pytest.raises(DecryptionFailed, match="sealed to another key, or changed"):
            unseal(TWO, sealed)
        for at in (0, 1, 65, 81, 97, -1):
            spoilt = bytearray(sealed)
            spoilt[at] ^= 1
            with pytest.raises(DecryptionFailed):
                unseal(ONE, bytes(spoilt))
    with pytest.raises(DecryptionFailed):
        unseal(ONE, b"")


def test_the_same_text_is_sealed_to_other_bytes_each_time() -> None:
    assert seal(GENERATOR, b"share") != seal(GENERATOR, b"share")


@pytest.mark.parametrize("key", [b"", GENERATOR[:63], b"\x03" + GENERATOR, b"\x04" * 66])
def test_a_key_of_another_length_is_refused(key: bytes) -> None:
    with pytest.raises(ConfigError, match=f"64 or 65 bytes, got {len(key)}"):
        seal(key, b"share")


def test_a_key_off_the_curve_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected a public key on secp256k1; ask for it again"):
        seal(GENERATOR[:-1] + b"\x00", b"share")
