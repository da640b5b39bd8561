"""Hands out an account's nonces, one at a time, across threads and processes (T-13).

A node's `pending` count is right only while nobody else is between asking and sending. So one
holder at a time asks, signs, sends, and lets go when the node counts the new transaction.
"""

from __future__ import annotations

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.chain.gateway import Gateway

__all__ = ["NonceLock"]

_thread_locks: dict[str, threading.Lock] = {}
_guard = threading.Lock()


class NonceLock:
    """An exclusive right to send for one account on one chain.

    Args:
        gateway: the chain.
        address: the account.
        folder: where the lock file stands; processes that share a key share this folder.
    """

    def __init__(self, gateway: Gateway, address: str, folder: Path) -> None:
        self._gateway = gateway
        self._address = address
        self._path = folder / f"{gateway.chain_id}-{address.lower()}.nonce.lock"

    @contextmanager
    def held(self) -> Iterator[None]:
        """Holds the right; others wait."""
        with _guard:
            lock = _thread_locks.setdefault(str(self._path), threading.Lock())
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with lock:
            handle = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX)
                yield
            finally:
                os.close(handle)

    def next(self) -> int:
        """Returns the next free nonce; call it while held."""
        answer = self._gateway.request("eth_getTransactionCount", [self._address, "pending"])
        return int(answer, 16)

    def mined(self) -> int:
        """Returns how many transactions of the account are in blocks."""
        answer = self._gateway.request("eth_getTransactionCount", [self._address, "latest"])
        return int(answer, 16)
