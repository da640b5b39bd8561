"""Keystore files, version 3 of the Web3 Secret Storage Definition: keys under a password."""

from __future__ import annotations

import json
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eth_utils.address import is_address, to_checksum_address

from registry.errors import ConfigError
from registry.signing.signers import LocalSigner

__all__ = ["create_keystore", "keystore_addresses", "signer_from_keystore"]

_LARGEST_FILE = 16_384
_STRENGTH = 1 << 18  # scrypt's n, the one geth writes: about 0.25 GiB and a second per attempt
# A hostile file could ask scrypt for all the memory there is (128 · n · r bytes).
_LARGEST_SCRYPT_BYTES = 1 << 30
_LARGEST_PBKDF2_ROUNDS = 10_000_000


def create_keystore(
    folder: Path, password: str, *, key: bytes | None = None, strength: int = _STRENGTH
) -> tuple[Path, str]:
    """Writes a keystore file that only its owner can read; returns its path and the address.

    Args:
        folder: where; made (0700) if it is not there.
        password: not empty.
        key: the private key; a new one from the system's generator if None.
        strength: scrypt's n, a power of two.

    Raises:
        ConfigError: no password, or no private key.
    """
    from eth_account import Account  # takes long to load, and most commands open no keystore

    if not password:
        raise ConfigError("a keystore needs a password that is not empty")
    signer = LocalSigner.from_key(_new_key() if key is None else key)
    content = Account.encrypt(signer.private_key(), password, kdf="scrypt", iterations=strength)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%fZ")
    path = folder / f"UTC--{stamp}--{signer.address[2:].lower()}"
    # O_EXCL with the mode given at once: never readable by others, never over another file.
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    return path, signer.address


def _new_key() -> bytes:
    while True:
        key = secrets.token_bytes(32)
        if any(key):  # a draw at or above the order is refused by LocalSigner; odds 2**-128
            return key


def signer_from_keystore(path: Path, password: str) -> LocalSigner:
    """Opens a keystore file.

    Raises:
        ConfigError: no such file, not a keystore of version 3, or the wrong password.
    """
    from eth_account import Account

    content = _read(path)
    _limit_work(path, content)
    try:
        key = bytes(Account.decrypt(content, password))
    except (ValueError, KeyError, TypeError, NotImplementedError) as error:
        reason = "wrong password" if "MAC mismatch" in str(error) else "not a valid keystore"
        raise ConfigError(f"{path}: {reason}") from None
    return LocalSigner.from_key(key)


def keystore_addresses(folder: Path) -> list[tuple[Path, str]]:
    """Returns the keystore files in a folder with their addresses, oldest first."""
    found = []
    for path in sorted(folder.glob("UTC--*")) if folder.is_dir() else ():
        address = _read(path).get("address")
        if isinstance(address, str) and is_address(address):
            found.append((path, str(to_checksum_address(address))))
    return found


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            content = json.loads(file.read(_LARGEST_FILE))
    except FileNotFoundError:
        raise ConfigError(f"{path}: no such keystore; make one: tally account new") from None
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path}: expected a keystore file: {error}") from None
    if not isinstance(content, dict) or content.get("version") != 3:
        raise ConfigError(f"{path}: expected a keystore of version 3")
    return content


def _limit_work(path: Path, content: dict[str, Any]) -> None:
    crypto = content.get("crypto") or content.get("Crypto")
    work = crypto.get("kdfparams") if isinstance(crypto, dict) else None
    if not isinstance(work, dict):
        raise ConfigError(f"{path}: expected a keystore with kdfparams")
    n, r, rounds = (work.get(name, 0) for name in ("n", "r", "c"))
    if not all(type(value) is int and value >= 0 for value in (n, r, rounds)):
        raise ConfigError(f"{path}: expected whole numbers in kdfparams")
    if 128 * n * r > _LARGEST_SCRYPT_BYTES or rounds > _LARGEST_PBKDF2_ROUNDS:
        raise ConfigError(
            f"{path}: asks for more than 1 GiB or 10,000,000 rounds of key stretching"
        )
