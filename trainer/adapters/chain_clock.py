"""The chain's time, for who waits: a node is asked the less often the longer nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Self

from registry.chain.gateway import Gateway
from registry.client import RegistryClient
from trainer.ports import Clock

__all__ = ["ChainClock"]

_RESTLESS = 0.05  # seconds between two questions, as long as something happens
_CALM = 8.0  # and after nothing did for long: what a look costs, a node is asked once a second
_SHARE = 8  # of what was waited already, the part that may be waited before the next question
_TURNED = 15.0  # seconds after which the time is asked for though it can't have come: it may jump
_FRESH = 0.2  # seconds for which a time is good


class ChainClock(Clock):
    """The time that the next block will have, as the node tells it.

    Blocks alone are no news: on a chain that makes one each second, nobody looks each second.

    Args:
        gateway: the chain.
        mark: returns what differs once something of concern happened; without it, any block is.
    """

    def __init__(self, gateway: Gateway, mark: Callable[[], object] | None = None) -> None:
        self._gateway = gateway
        self._seen: int = -1
        self._mark = mark or (lambda: self._seen)
        self._marked: object = None
        self._stirred = time.monotonic()
        self._told = (0.0, 0)  # when the node was asked last, and the time that it told

    @classmethod
    def of(cls, client: RegistryClient) -> Self:
        """Returns the clock of a client: what concerns it are the deployment's events."""
        index = client.connection.index
        return cls(client.connection.gateway, lambda: index.mark)

    def now(self) -> int:
        """Returns the pending block's time in seconds since 1970."""
        asked, told = self._told
        if not asked or time.monotonic() - asked > _FRESH:
            told = int(self._gateway.block("pending")["timestamp"], 16)
            self._told = time.monotonic(), told
        return told

    def wait_until(self, moment: int) -> None:
        """Returns when that time has come, or when there is a block newer than at the last return.

        The block is compared with the one seen before the caller last looked at its round, so one
        that came in between is not slept through.
        """
        if (mark := self._mark()) != self._marked:
            self._marked, self._stirred = mark, time.monotonic()
        due = 0.0
        while True:
            newest = self._gateway.block_number()
            if newest != self._seen:
                self._seen, self._told = newest, (0.0, 0)
                return
            now = time.monotonic()
            if now >= due:
                left = moment - self.now()
                if left <= 0:
                    return
                # A second may have begun before it was told: it is over by then at the earliest.
                due = now + min(left, max(left - 1, self._pause()), _TURNED)
            time.sleep(max(0.0, min(self._pause(), due - now)))

    def _pause(self) -> float:
        calm = time.monotonic() - self._stirred
        return min(_CALM, max(_RESTLESS, calm / _SHARE))
