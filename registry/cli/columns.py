"""What stands in a table's columns, and how people read it: accounts, digests, times, numbers.

JSON holds each value as it is. A terminal has 80 columns: there accounts and digests are shortened,
unless `--wide` asks for them whole; in a pipe they are whole, for grep and for what copies them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from registry.dates import date_text

__all__ = [
    "Column",
    "Kind",
    "address_column",
    "as_columns",
    "date_column",
    "digest_column",
    "number_column",
]

_SHORTENED = 14  # a text of that length or less isn't shortened

_HEX = re.compile(r"0x(?:[0-9a-fA-F]{64}|[0-9a-fA-F]{40})\b")


class Kind(Enum):
    """What a column holds; anything else is text."""

    TEXT = "text"
    NUMBER = "number"
    ADDRESS = "address"
    DIGEST = "digest"
    DATE = "date"


@dataclass(frozen=True)
class Column:
    """A heading, which is the key in JSON as well, and what stands below it."""

    heading: str
    kind: Kind = Kind.TEXT

    @property
    def title(self) -> str:
        """The heading for people: times say once, there, that they are of UTC."""
        return f"{self.heading} (UTC)" if self.kind is Kind.DATE else self.heading

    def cell(self, value: Any, short: bool) -> str:
        """Returns what stands in a cell; nothing for None.

        Args:
            value: of JSON's kinds; a date in seconds since 1970, 0 being none as on the chain.
            short: whether accounts and digests are shortened.
        """
        if value is None or (self.kind is Kind.DATE and not value):
            return ""
        if self.kind is Kind.DATE:
            # To the minute: of a deadline the earlier side. JSON has the second.
            return re.sub(r":\d\d UTC$", "", date_text(value))
        if short and self.kind in (Kind.ADDRESS, Kind.DIGEST):
            return shortened(str(value))
        return _HEX.sub(lambda found: shortened(found[0]), plain(value)) if short else plain(value)


def number_column(heading: str) -> Column:
    """Returns a column of counts or amounts, aligned at the right."""
    return Column(heading, Kind.NUMBER)


def address_column(heading: str) -> Column:
    """Returns a column of accounts."""
    return Column(heading, Kind.ADDRESS)


def digest_column(heading: str) -> Column:
    """Returns a column of digests, ids or CIDs."""
    return Column(heading, Kind.DIGEST)


def date_column(heading: str) -> Column:
    """Returns a column of times, given in seconds since 1970; None where there is none."""
    return Column(heading, Kind.DATE)


def as_columns(headings: Sequence[str | Column]) -> list[Column]:
    """Returns the columns; a heading alone is one of text."""
    return [h if isinstance(h, Column) else Column(h) for h in headings]


def shortened(text: str) -> str:
    """Returns the beginning and the end of an account, a digest or a CID: `0x1234...abcd`."""
    if len(text) <= _SHORTENED:
        return text
    # CIDs begin alike: their end tells one from another.
    return f"{text[:6]}...{text[-4:]}" if text.startswith("0x") else f"...{text[-7:]}"


def plain(value: Any) -> str:
    """Returns a value in words: lists by commas, pairs by colons, yes and no."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, dict):
        return ", ".join(f"{plain(k)}: {plain(v)}" for k, v in value.items()) or "none"
    if isinstance(value, (list, tuple, set, frozenset)):
        return ", ".join(map(plain, value)) or "none"
    return str(value)
