"""Clocks: one that a caller turns, and the machine's own."""

from __future__ import annotations

import time
from typing import final

from trainer.ports import Clock

__all__ = ["ManualClock", "SystemClock"]


@final
class ManualClock(Clock):
    """A clock that stands still until it is waited on: waiting turns it forward.

    Args:
        start: seconds since 1970.
    """

    def __init__(self, start: int) -> None:
        self._now = start

    def now(self) -> int:
        """Returns what the clock was turned to."""
        return self._now

    def wait_until(self, moment: int) -> None:
        """Turns the clock to `moment`; never backward."""
        self._now = max(self._now, moment)


@final
class SystemClock(Clock):
    """The machine's time. A wait looks up now and then, since phases may end early.

    Args:
        poll_seconds: how long a wait lasts at most.
    """

    def __init__(self, poll_seconds: float = 0.5) -> None:
        self._poll_seconds = poll_seconds

    def now(self) -> int:
        """Returns the time in whole seconds."""
        return int(time.time())

    def wait_until(self, moment: int) -> None:
        """Sleeps until `moment`, or for one polling interval if that is sooner."""
        seconds = min(self._poll_seconds, moment - time.time())
        if seconds > 0:
            time.sleep(seconds)
