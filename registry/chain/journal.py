"""What was sent and not yet seen to finish, kept on disk: one file per intent (T-11, T-12).

An intent is what a command wants of the chain, without nonce and fees: chain, account, contract,
call and value. Its file holds every transaction that was signed for it, and is on the disk before
the first of them leaves the machine. So a run that was cut is looked up before anything is sent:
the bytes that it signed may be sent any number of times, with one effect.
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
from registry.errors import ConfigError
from registry.hashing import keccak256

__all__ = ["Entry", "Prepared", "SendJournal"]

_FORMAT = "tallystick/sending/1"
_KEYS = {"format", "context", "attempts", "checksum"}


@dataclass(frozen=True)
class Prepared:
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
class Entry:
    """An intent on its way: what was signed for it under one nonce, oldest first."""

    context: str
    attempts: tuple[Prepared, ...]

    @property
    def nonce(self) -> int:
        """The nonce that all attempts share: the chain takes at most one of them."""
        return self.attempts[0].nonce


def _read(path: Path) -> Entry:
    data = json.loads(path.read_text())
    if not isinstance(data, dict) or set(data) != _KEYS:
        raise ValueError(f"expected an object with {', '.join(sorted(_KEYS))}")
    if data["format"] != _FORMAT or not isinstance(data["context"], str):
        raise ValueError(f"expected format {_FORMAT}")
    if data["checksum"] != _checksum(data["attempts"]):
        raise ValueError("expected the checksum of its content")
    attempts = tuple(_attempt(one) for one in data["attempts"])
    if len({one.nonce for one in attempts}) != 1:
        raise ValueError("expected transactions of one nonce")
    return Entry(data["context"], attempts)


def _checksum(attempts: Any) -> str:
    return keccak256(json.dumps(attempts, sort_keys=True).encode()).hex()


def _attempt(told: dict[str, Any]) -> Prepared:
    fields = told["fields"]
    numbers = ("nonce", "gas", "value", "chainId")
    if not all(type(fields[name]) is int and fields[name] >= 0 for name in numbers):
        raise ValueError(f"expected numbers as {', '.join(numbers)}")
    if not isinstance(fields["data"], str) or not told["raw"]:
        raise ValueError("expected a signed transaction")
    return Prepared(bytes.fromhex(told["raw"]), fields["nonce"], fields, Fees.of(fields))


class SendJournal:
    """The intents of one account on one chain that haven't been seen to finish.

    Args:
        folder: the state folder; processes that share a key share it.
        chain_id: the chain.
        account: who sends.
    """

    def __init__(self, folder: Path, chain_id: int, account: str) -> None:
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

    def load(self, key: str) -> Entry | None:
        """Returns what is known of an intent, or None.

        Raises:
            ConfigError: the file is damaged.
        """
        path = self._path(key)
        try:
            return _read(path)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
            raise ConfigError(
                f"{path}: damaged journal ({error}); look whether its transaction was mined, then "
                "delete it to start over"
            ) from error

    def save(self, key: str, entry: Entry) -> None:
        """Keeps what was signed; it is on the disk when this returns."""
        told = [
            {"hash": one.transaction_hash, "raw": one.raw.hex(), "fields": one.fields}
            for one in entry.attempts
        ]
        data = {
            "format": _FORMAT,
            "context": entry.context,
            "attempts": told,
            "checksum": _checksum(told),
        }
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
