"""What failed at a participant, in one line for its owner."""

from __future__ import annotations

import traceback

from registry.errors import TallystickError

__all__ = ["told_failure"]


def told_failure(error: Exception) -> str:
    """Returns what happened, and where, unless it is one of our own errors, which say it all."""
    kind = type(error).__name__
    if isinstance(error, TallystickError):
        return f"{kind}: {error}"
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{kind}: {error} ({place.filename}:{place.lineno})"
