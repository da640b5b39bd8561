"""What a step of a coordinator or participant came to."""

from __future__ import annotations

from dataclasses import dataclass

from trainer.protocol.actions import Action

__all__ = ["Progress"]


@dataclass(frozen=True)
class Progress:
    """Whether a step did something, and what comes next: a wait, another step, or leaving."""

    acted: bool
    next: Action
