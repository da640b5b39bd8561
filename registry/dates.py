"""Moments in seconds since 1970, as chains have them, written as people write dates."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["date_text"]


def date_text(seconds: int) -> str:
    """Returns a moment as people write it, `2027-03-01 09:30:00 UTC`."""
    try:
        moment = datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return f"{seconds} s after 1970"  # a contract's clock runs on beyond the calendar
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
