"""A request's time in all, however slowly its answer drips: what a time-out per read can't bound.

A socket's time-out begins anew with every byte. So each store has one watching thread, which shuts
a request's socket when its time is up; the read that waits there then ends at once.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import final

__all__ = ["LEAST_BYTES_PER_SECOND", "Deadline", "Watchdog", "shut"]

LEAST_BYTES_PER_SECOND = 65_536


@final
class Deadline:
    """The moment by which a request has to be answered; `passed` tells that it was cut off.

    Args:
        seconds: from now.
        size: bytes to be sent, for which time is added at the least rate.
    """

    def __init__(self, seconds: float, size: int = 0) -> None:
        self.end = time.monotonic() + seconds + size / LEAST_BYTES_PER_SECOND
        self.passed = False

    @property
    def left(self) -> float:
        """The seconds that are left; 0 if none are."""
        return max(0.0, self.end - time.monotonic())

    def earn(self, size: int) -> None:
        """Adds time for bytes that came: 1 second for each 65,536."""
        self.end += size / LEAST_BYTES_PER_SECOND


@final
class Watchdog:
    """Cuts requests off at their deadlines."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._watched: dict[Deadline, Callable[[], None]] = {}
        self._thread: threading.Thread | None = None
        self._closed = False

    @contextmanager
    def watching(self, deadline: Deadline, cut: Callable[[], None]) -> Iterator[None]:
        """Calls `cut` from another thread if the block isn't left before the deadline."""
        with self._changed:
            self._watched[deadline] = cut
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, daemon=True)
                self._thread.start()
            self._changed.notify()
        try:
            yield
        finally:
            with self._changed:
                self._watched.pop(deadline, None)

    def _watch(self) -> None:
        with self._changed:
            while not self._closed:
                for deadline in [d for d in self._watched if d.left == 0]:
                    deadline.passed = True
                    self._watched.pop(deadline)()
                ends = [deadline.left for deadline in self._watched]
                self._changed.wait(min(ends, default=None))

    def close(self) -> None:
        """Ends the watching thread."""
        with self._changed:
            self._closed = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join()


def shut(connection: socket.socket | None) -> None:
    """Ends what waits for a socket, which its owner closes. For one under TLS, too."""
    if connection is not None:
        with contextlib.suppress(OSError):
            socket.socket.shutdown(connection, socket.SHUT_RDWR)
