"""What was sent and not yet seen to finish, kept on disk: one file per intent (T-11, T-12).

An intent is what a command wants of the chain, without nonce and fees: chain, account, contract,
call and value. Its file holds every transaction that was signed for it, and is on the disk before
the first of them leaves the machine. So a run that was cut is looked up before anything is sent:
the bytes that it signed may be sent any number of times, with one effect.

A file is taken for an intent only if its transactions are this account's own, for this chain, and
do what the intent wants: a file that was copied to another's place says nothing about it.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.chain.fees import Fees
from registry.chain.raw_transactions import read_raw
from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = ["JournalEntry", "SendJournal", "SignedTransaction"]

_FORMAT = "tallystick/sending/2"
_TOLD = ("key", "name", "context", "attempts")
_KEYS = {"format", *_TOLD, "checksum"}


@dataclass(frozen=True)
class SignedTransaction:
    """A signed transaction: `raw` may be sent any number of times, with one effect."""

    raw: bytes
    nonce: int
    fields: dict[str, Any] = field(repr=False)
    fees: Fees

    @property
    def transaction_hash(self) -> str:
        """The hash that the chain will know it by."""
        return "0x" + keccak256(self.raw).hex()


@dataclass(frozen=True)
class JournalEntry:
    """An intent on its way: what was signed for it under one nonce, oldest first.

    `name` is what stands for its call data, where they differ from run to run; else empty.
    """

    context: str
    attempts: tuple[SignedTransaction, ...]
    name: bytes = b""

    @property
    def nonce(self) -> int:
        """The nonce that all attempts share: the chain takes at most one of them."""
        return self.attempts[0].nonce


def _read(path: Path) -> tuple[str, JournalEntry]:
    """Returns the key that a file tells and its entry; what was signed is read from the bytes."""
    data = json.loads(path.read_text())
    if not isinstance(data, dict) or set(data) != _KEYS:
        raise ValueError(f"expected an object with {', '.join(sorted(_KEYS))}")
    if data["format"] != _FORMAT or not isinstance(data["context"], str):
        raise ValueError(f"expected format {_FORMAT}")
    if data["checksum"] != _checksum(data):
        raise ValueError("expected the checksum of its content")
    attempts = tuple(_attempt(bytes.fromhex(one)) for one in data["attempts"])
    if len({one.nonce for one in attempts}) != 1:
        raise ValueError("expected transactions of one nonce")
    return data["key"], JournalEntry(data["context"], attempts, bytes.fromhex(data["name"]))


def _checksum(data: dict[str, Any]) -> str:
    told = [data[name] for name in _TOLD]
    return keccak256(json.dumps(told, sort_keys=True).encode()).hex()


def _attempt(raw: bytes) -> SignedTransaction:
    _, fields = read_raw(raw)
    return SignedTransaction(raw, fields["nonce"], fields, Fees.of(fields))


class SendJournal:
    """The intents of one account on one chain that haven't been seen to finish.

    Args:
        folder: the state folder; processes that share a key share it.
        chain_id: the chain.
        account: who sends.
    """

    def __init__(self, folder: Path, chain_id: int, account: str) -> None:
        self._chain_id, self._account = chain_id, account
        self._folder = folder / "sending" / f"{chain_id}-{account.lower()}"

    def key(self, to: str | None, call: bytes, value: int) -> str:
        """Returns the name of an intent; `call` is the call data or what stands for it."""
        place = bytes.fromhex(to[2:]) if to else b"create"
        return keccak256(keccak256(place) + keccak256(call) + value.to_bytes(32)).hex()[:40]

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}.json"

    @contextmanager
    def held(self, key: str) -> Iterator[None]:
        """Holds an intent: others that want the same, in any process, wait and come after."""
        path = self._folder / f"{key}.lock"
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            handle = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(handle, fcntl.LOCK_EX)
            try:
                if os.fstat(handle).st_ino == path.stat().st_ino:
                    break
            except FileNotFoundError:
                pass
            os.close(handle)  # its last holder took the file away: take the new one
        try:
            yield
        finally:
            path.unlink(missing_ok=True)
            os.close(handle)

    def load(self, key: str, name: bytes = b"") -> JournalEntry | None:
        """Returns what is known of an intent, or None.

        Args:
            key: the intent's.
            name: what stands for its call data; empty: the call data themselves.

        Raises:
            ConfigError: the file is damaged, or of another intent, account or chain.
        """
        path = self._path(key)
        try:
            told, entry = _read(path)
            self._check(told, entry, key, name)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise ConfigError(
                f"{path}: damaged journal ({error}); look whether its transaction was mined, then "
                "delete it to start over"
            ) from error
        return entry

    def _check(self, told: str, entry: JournalEntry, key: str, name: bytes) -> None:
        if told != key or entry.name != name:
            raise ValueError("it is of another intent")
        for attempt in entry.attempts:
            signer, fields = read_raw(attempt.raw)
            if signer != self._account or fields["chainId"] != self._chain_id:
                raise ValueError(
                    f"expected transactions of {self._account} on chain {self._chain_id}, got one "
                    f"of {signer} on chain {fields['chainId']}"
                )
            call = name or bytes.fromhex(fields["data"][2:])
            if self.key(fields.get("to"), call, fields["value"]) != key:
                raise ValueError("its transaction does something else than the intent wants")

    def save(self, key: str, entry: JournalEntry) -> None:
        """Keeps what was signed; it is on the disk when this returns."""
        data: dict[str, Any] = {
            "format": _FORMAT,
            "key": key,
            "name": entry.name.hex(),
            "context": entry.context,
            "attempts": [one.raw.hex() for one in entry.attempts],
        }
        data["checksum"] = _checksum(data)
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._path(key).with_suffix(f".{os.getpid()}.part")
        with part.open("w") as handle:
            handle.write(json.dumps(data))
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(self._path(key))
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name too has to outlast a power cut
        finally:
            os.close(folder)

    def forget(self, key: str) -> None:
        """Drops an intent that is finished."""
        self._path(key).unlink(missing_ok=True)
