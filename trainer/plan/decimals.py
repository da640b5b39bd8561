"""Parameters of rules as decimal text, which is the same number in every language."""

from __future__ import annotations

import re
from decimal import Decimal

from registry.errors import ConfigError

__all__ = ["decimal", "decimal_text"]

_TEXT = re.compile(r"[0-9]{1,9}(\.[0-9]{1,18})?")


def decimal(name: str, text: str, low: float, high: float) -> float:
    """Returns a parameter's number, correctly rounded.

    Args:
        name: of the parameter, for messages.
        text: such as "0.9".
        low: the least that is allowed.
        high: the largest that is allowed.

    Raises:
        ConfigError: no such text, or out of range.
    """
    if isinstance(text, str) and _TEXT.fullmatch(text.removeprefix("-")) and text[0] == "-":
        raise ConfigError(f"{name}: expected {low:g} or more, got {text}")
    if not isinstance(text, str) or not _TEXT.fullmatch(text):
        raise ConfigError(f"{name}: expected decimal text such as '0.9', got {text!r}")
    if not low <= float(text) <= high:
        raise ConfigError(f"{name}: expected {low:g} to {high:g}, got {text}")
    return float(text)


def decimal_text(number: float) -> str:
    """Returns the shortest decimal text, without an exponent, that reads back as this number."""
    return format(Decimal(repr(float(number))), "f")
