"""Hands out an account's nonces, one at a time, across threads and processes (T-13).

A node's `pending` count is right only while nobody else is between asking and sending. So one
holder at a time asks, signs, sends, and notes what it sent. What a node tells is held against what
is in blocks and against that note: a count that lags is caught up, one that is far off is refused.
"""

from __future__ import annotations

import fcntl
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from registry.chain.gateway import Gateway, RpcError
from registry.chain.receipts import is_known
from registry.errors import ChainError, ConfigError

__all__ = ["NonceLock"]

_thread_locks: dict[str, threading.Lock] = {}
_guard = threading.Lock()

_FAR = 64  # transactions of one account that nodes keep waiting; a larger difference is a fault
_NEWEST = 64  # blocks that are read where a node has forgotten the states before the last ones
_NOTE = re.compile(r"([0-9]{1,20}) (0x[0-9a-f]{64})\n")


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

    def _count(self, block: str) -> int:
        return self._gateway.quantity("eth_getTransactionCount", [self._address, block])

    def next(self) -> int:
        """Returns the next free nonce; call it while held.

        Raises:
            ChainError: the node tells a count that can't be.
        """
        told, mined = self._count("pending"), self.mined()
        if told - mined > _FAR:
            raise self._unsound(told, f"only {mined} of its transactions are in blocks")
        sent = max(mined, self._noted(max(told, mined)))
        if sent - told > _FAR:
            raise self._unsound(told, f"it has sent {sent}")
        return max(told, sent)

    def _unsound(self, told: int, but: str) -> ChainError:
        return ChainError(
            f"the node at {self._gateway.name} tells {told} as the next nonce of {self._address}, "
            f"but {but}; wait until it has caught up, or use another node"
        )

    def note(self, nonce: int, transaction_hash: str) -> None:
        """Keeps the newest transaction that the node took; call it while held."""
        self._path.write_text(f"{nonce} {transaction_hash}\n")

    def _noted(self, at_least: int) -> int:
        """Returns the nonce after the one noted, if the chain still has that transaction."""
        text = self._path.read_text() if self._path.exists() else ""
        if not text:
            return 0
        found = _NOTE.fullmatch(text)
        if found is None:
            raise ConfigError(f"{self._path}: damaged; delete it while no other command runs")
        if int(found[1]) < at_least or not is_known(self._gateway, found[2]):
            return 0
        return int(found[1]) + 1

    def mined(self) -> int:
        """Returns how many transactions of the account are in blocks."""
        return self._count("latest")

    def taker(self, nonce: int) -> str | None:
        """Returns the hash of the mined transaction that used a nonce; None if it can't be told.

        A node that keeps old states is asked for the block in which the count passed the nonce;
        one that forgot them still has the blocks, of which the newest are read.
        """
        try:
            newest = self._gateway.block_number()
            found = self._sent_in(self._passed_in(nonce, newest), nonce)
            numbers = range(newest, max(newest - _NEWEST, -1), -1)
            return found or next(filter(None, (self._sent_in(n, nonce) for n in numbers)), None)
        except (RpcError, KeyError, TypeError, ValueError):
            return None

    def _passed_in(self, nonce: int, newest: int) -> int:
        """Returns the block in which the count passed a nonce; the newest if states are gone."""
        last = first = newest
        step = 1
        try:
            while first >= 0 and self._count(hex(first)) > nonce:
                last, first, step = first, max(first - step, -1), step * 2
            while last - first > 1:
                middle = (first + last) // 2
                if self._count(hex(middle)) > nonce:
                    last = middle
                else:
                    first = middle
        except (RpcError, ValueError):
            return newest
        return last

    def _sent_in(self, number: int, nonce: int) -> str | None:
        block: Any = self._gateway.request("eth_getBlockByNumber", [hex(number), True])
        for sent in block["transactions"]:
            own = str(sent["from"]).lower() == self._address.lower()
            if own and int(sent["nonce"], 16) == nonce:
                return str(sent["hash"])
        return None
