"""A step of a round, taken anew where the round stands elsewhere than it was seen.

Between a look and a transaction a deadline may pass, a last seat may be taken, or a re-org may undo
what was seen. The contract then refuses the step for its phase; the next look shows what is due.
"""

from __future__ import annotations

from collections.abc import Callable

from registry.errors import Reverted
from trainer.errors import WrongPhase
from trainer.ports import Clock
from trainer.protocol.progress import Progress

__all__ = ["looking_again"]

_LOOKS = 5


def looking_again(step: Callable[[], Progress], clock: Clock) -> Progress:
    """Returns what a step came to, in the end.

    Args:
        step: looks at the round and does what is due; anew for each try.
        clock: the rounds' time; a second of it, or a block, lies between two looks.

    Raises:
        WrongPhase: of the board, or the chain's own error, after five looks.
    """
    for _ in range(_LOOKS - 1):
        try:
            return step()
        except (WrongPhase, Reverted) as error:
            # A contract's refusal is named as its Solidity error is.
            if type(error).__name__ != "WrongPhase":
                raise
            clock.wait_until(clock.now() + 1)
    return step()
