"""What a running command tells of its rounds: a line per change, and on a terminal a countdown."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self, final

from rich.console import Console
from rich.live import Live
from rich.text import Text

from registry.cli.output import Output
from registry.cli.terminal_text import inert
from trainer.protocol.round_state import RoundState
from trainer.protocol.round_words import awaited, changes, deadline_of

__all__ = ["LiveRounds", "countdown_text"]

_PER_SECOND = 2


def countdown_text(seconds: float) -> str:
    """Returns how long something still lasts, as 1:02:03 or 4:05; 0:00 once it is over."""
    left = max(0, int(seconds))
    minutes, rest = divmod(left, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@final
class LiveRounds:
    """Sees rounds as loops look at them, and tells what is new.

    Within it, a line at the foot of a terminal says what is waited for and counts down; in a pipe
    and for scripts there is none.

    Args:
        output: where lines go; nothing is told with --json or --quiet.
        now: the rounds' time in seconds since 1970.
    """

    def __init__(self, output: Output, now: Callable[[], int]) -> None:
        self._output, self._now = output, now
        self._seen: dict[bytes, RoundState] = {}
        self._waiting, self._ends = "", 0.0
        self._shown: Live | None = None

    def __enter__(self) -> Self:
        silent = self._output.as_json or self._output.quiet
        if not silent and sys.stdout.isatty() and sys.stderr.isatty():
            self._shown = Live(
                console=Console(stderr=True),
                get_renderable=self._foot,
                refresh_per_second=_PER_SECOND,
                transient=True,
            )
            self._shown.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._shown is not None:
            self._shown.stop()

    def see(self, state: RoundState) -> None:
        """Tells what is new in a round since it was seen last."""
        before = self._seen.get(state.round_id)
        if before == state and self._waiting:
            return
        now = self._now()
        self._seen[state.round_id] = state
        for line in changes(before, state, now):
            self._output.line(f"round {state.number}: {line}")
        waiting = awaited(state, now)
        self._waiting = f"round {state.number}: {waiting}" if waiting else ""
        self._ends = time.monotonic() + deadline_of(state, now) - now

    def _foot(self) -> Text:
        if not self._waiting:
            return Text("")
        left = countdown_text(self._ends - time.monotonic())
        return Text(f"{inert(self._waiting)}, {left} left", style="dim")
