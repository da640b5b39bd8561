"""Signers: where keys come from, and where they never go."""

from __future__ import annotations

import json
import pickle
import stat
from pathlib import Path

import pytest
from eth_account import Account

from registry.errors import ConfigError, SignatureInvalid
from registry.signing import (
    CommitmentStatement,
    LocalSigner,
    Signer,
    create_keystore,
    keystore_addresses,
    rounds_domain,
    signer_from_environment,
    signer_from_keystore,
)

KEY = bytes(range(1, 33))
ADDRESS: str = Account.from_key(KEY).address
QUICK = 2  # scrypt's n; the strength of a keystore is not what is tested here


def test_a_signer_of_raw_bytes_hexadecimal_and_prefixed_text_is_the_same() -> None:
    texts: tuple[bytes | str, ...] = (KEY, KEY.hex(), "0x" + KEY.hex(), f" 0x{KEY.hex()}\n")
    assert {LocalSigner.from_key(text).address for text in texts} == {ADDRESS}


@pytest.mark.parametrize(
    "key", [b"", bytes(32), b"\xff" * 32, KEY[:31], "0x12", "not a key", "ab" * 33]
)
def test_what_is_no_key_is_refused_and_not_repeated(key: bytes | str) -> None:
    with pytest.raises(ConfigError, match="private key") as caught:
        LocalSigner.from_key(key)
    shown = key if isinstance(key, str) else key.hex()
    assert not shown or len(shown) < 8 or shown not in str(caught.value)


def test_a_key_shows_nowhere() -> None:
    signer = LocalSigner.from_key(KEY)
    assert repr(signer) == str(signer) == f"LocalSigner({ADDRESS})"
    assert KEY.hex() not in repr([signer]) + repr({"signer": signer})
    with pytest.raises(TypeError, match="not serialised"):
        pickle.dumps(signer)


def test_a_transaction_recovers_to_its_signer() -> None:
    fields = {
        "to": "0x" + "22" * 20,
        "value": 1,
        "gas": 21_000,
        "maxFeePerGas": 10,
        "maxPriorityFeePerGas": 1,
        "nonce": 0,
        "chainId": 31337,
        "type": 2,
    }
    raw = LocalSigner.from_key(KEY).sign_transaction(fields)
    assert Account.recover_transaction(raw) == ADDRESS


def test_a_digest_of_another_length_is_not_signed() -> None:
    with pytest.raises(ConfigError, match="32 bytes"):
        LocalSigner.from_key(KEY).sign_digest(b"short")


class Swapped(Signer):
    """A device that says one address and signs with another's key."""

    def __init__(self) -> None:
        self.inner = LocalSigner.from_key(bytes(31) + b"\x09")

    @property
    def address(self) -> str:
        """Not its own."""
        return ADDRESS

    def sign_digest(self, digest: bytes) -> bytes:
        """Signs with its own key."""
        return self.inner.sign_digest(digest)

    def sign_transaction(self, transaction: dict[str, object]) -> bytes:
        """Signs with its own key."""
        return self.inner.sign_transaction(transaction)


def test_a_device_that_signs_with_another_key_is_found_out() -> None:
    statement = CommitmentStatement(bytes(32), ADDRESS, bytes(32))
    with pytest.raises(SignatureInvalid, match="another key"):
        Swapped().sign_typed(rounds_domain(1, "0x" + "11" * 20), statement)


def test_a_keystore_is_written_for_its_owner_only_and_opens_again(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    path, address = create_keystore(folder, "tally", key=KEY, strength=QUICK)
    assert address == ADDRESS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert KEY.hex() not in path.read_text()
    assert signer_from_keystore(path, "tally").address == ADDRESS
    assert Account.decrypt(json.loads(path.read_text()), "tally") == KEY


def test_new_keystores_hold_new_keys_and_are_listed_oldest_first(tmp_path: Path) -> None:
    made = [create_keystore(tmp_path, "tally", strength=QUICK) for _ in range(3)]
    assert len({address for _, address in made}) == 3
    assert keystore_addresses(tmp_path) == made
    assert keystore_addresses(tmp_path / "nowhere") == []


@pytest.mark.parametrize("password", ["", "Tally", "tally "])
def test_another_password_is_refused_without_a_trace_of_the_key(
    tmp_path: Path, password: str
) -> None:
    path, _ = create_keystore(tmp_path, "tally", key=KEY, strength=QUICK)
    with pytest.raises(ConfigError, match="wrong password") as caught:
        signer_from_keystore(path, password)
    assert KEY.hex() not in str(caught.value)


def test_an_empty_password_is_refused_when_writing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not empty"):
        create_keystore(tmp_path, "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"version": 1}', '{"version": 3}', '{"version":3,"crypto":{}}']
)
def test_a_file_that_is_no_keystore_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "UTC--x"
    path.write_text(content)
    with pytest.raises(ConfigError, match="UTC--x"):
        signer_from_keystore(path, "tally")


def test_a_missing_keystore_is_refused_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="tally account new"):
        signer_from_keystore(tmp_path / "none", "tally")


def test_t26_a_keystore_that_asks_for_all_memory_is_refused_before_it_is_tried(
    tmp_path: Path,
) -> None:
    path, _ = create_keystore(tmp_path, "tally", key=KEY, strength=QUICK)
    content = json.loads(path.read_text())
    content["crypto"]["kdfparams"]["n"] = 1 << 30
    path.write_text(json.dumps(content))
    with pytest.raises(ConfigError, match="1 GiB"):
        signer_from_keystore(path, "tally")


def test_the_environment_names_a_key_a_keystore_or_nothing(tmp_path: Path) -> None:
    path, _ = create_keystore(tmp_path, "tally", key=KEY, strength=QUICK)
    assert signer_from_environment({}) is None
    raw = signer_from_environment({"TALLY_KEY": "0x" + KEY.hex()})
    assert raw is not None
    assert raw.address == ADDRESS
    kept = signer_from_environment({"TALLY_KEYSTORE": str(path), "TALLY_PASSWORD": "tally"})
    assert kept is not None
    assert kept.address == ADDRESS


@pytest.mark.parametrize(
    "environment",
    [
        {"TALLY_KEY": "a", "TALLY_KEYSTORE": "b"},
        {"TALLY_KEYSTORE": "b"},
        {"TALLY_KEY": "not a key"},
        {"TALLY_KEYSTORE": "nowhere", "TALLY_PASSWORD": "tally"},
    ],
)
def test_a_half_or_doubled_environment_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigError):
        signer_from_environment(environment)
