"""How long a loop rests that waits for what no deadline and no block tells of."""

from __future__ import annotations

from typing import final

from trainer.ports import Clock

__all__ = ["Patience"]

_SHARE = 8
_LONGEST = 16


@final
class Patience:
    """Looks rarer the longer nothing came of it: what is found is late by an eighth at most.

    Args:
        clock: the rounds' time.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: int | None = None

    def renew(self) -> None:
        """Something was done: what follows from it may come at once."""
        self._since = None

    def rest(self, until: int | None = None) -> None:
        """Waits for a block, or from a second to a quarter of a minute, but not beyond `until`."""
        now = self._clock.now()
        self._since = now if self._since is None else self._since
        moment = now + min(_LONGEST, max(1, (now - self._since) // _SHARE))
        self._clock.wait_until(moment if until is None else min(moment, until))
