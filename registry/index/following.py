"""How events are folded: each kind by a step of its own, and none that couldn't have been told.

A fold takes no event that its contract couldn't have told: `require` refuses what doesn't follow
from the events before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar

from registry.types import Event, Log

__all__ = ["Steps", "require"]

F = TypeVar("F")
E = TypeVar("E")


class Steps(Generic[F]):
    """Which step of a fold `F` takes which kind of event in."""

    def __init__(self) -> None:
        # A step takes logs of its own kind alone: `on` ties the two, `apply` looks one up.
        self._steps: dict[type, Callable[[F, Log[Any]], None]] = {}

    def on(self, kind: type[E], step: Callable[[F, Log[E]], None]) -> Self:
        """Has events of a kind taken in by a step."""
        self._steps[kind] = step
        return self

    def apply(self, fold: F, event: Event) -> None:
        """Takes one event in; events of no concern to the fold are passed over."""
        step = self._steps.get(type(event.arguments))
        if step is not None:
            step(fold, event)


def require(holds: bool, otherwise: str) -> None:
    """Returns if it holds.

    Raises:
        ValueError: it doesn't: the contract refuses what would break it, so such an event is not
            the contract's.
    """
    if not holds:
        raise ValueError(otherwise)
