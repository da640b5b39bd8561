"""A terminated command leaves every `with` block, so that what it started ends with it.

Python drops what is raised within a finaliser or a callback from C, with a note on standard error:
a termination that arrives there is delivered again a moment later.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

_AGAIN_AFTER_SECONDS = 0.01
_ENDING = (signal.SIGTERM, signal.SIGHUP)


class Terminated(SystemExit):
    """Unwinds the main thread of a process told to terminate; its code is 128 + the signal."""


def leave_on_termination() -> None:
    """SIGTERM and SIGHUP unwind the main thread from now on; once one does, more are ignored."""
    for number in _ENDING:
        # Whoever starts a command under nohup wants it to outlive its terminal.
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)
    signal.signal(signal.SIGALRM, _terminate)
    sys.unraisablehook = _deliver_again


def _terminate(number: int, frame: FrameType | None) -> None:
    for ending in _ENDING:
        signal.signal(ending, signal.SIG_IGN)
    raise Terminated(128 + (signal.SIGTERM if number == signal.SIGALRM else number))


def _deliver_again(dropped: sys.UnraisableHookArgs) -> None:
    if isinstance(dropped.exc_value, Terminated):
        signal.setitimer(signal.ITIMER_REAL, _AGAIN_AFTER_SECONDS)
    else:
        sys.__unraisablehook__(dropped)
