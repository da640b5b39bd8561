"""What failed at a participant, in one line for its owner."""

from __future__ import annotations

from registry.errors import TallystickError
from trainer.training.foreign_errors import foreign_error

__all__ = ["told_failure"]


def told_failure(error: Exception) -> str:
    """Returns what happened, and where, unless it is one of our own errors, which say it all."""
    if isinstance(error, TallystickError):
        return f"{type(error).__name__}: {error}"
    return foreign_error(error)
