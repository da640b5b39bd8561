"""What commands print: tables or JSON on standard output, progress and errors on standard error.

Values come from chains, storage and files that others wrote. None of them is read as markup or
reaches the terminal as it is: every line and every cell passes through `inert` here, and line
breaks are only made between the lines that a command gives.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from registry.cli.columns import (
    Column,
    address_column,
    as_columns,
    date_column,
    digest_column,
    number_column,
    plain,
)
from registry.cli.terminal_text import inert

__all__ = [
    "Column",
    "Output",
    "address_column",
    "amount",
    "date_column",
    "digest_column",
    "json_text",
    "number_column",
]


def amount(units: int) -> str:
    """Returns an amount of money, in a token's smallest unit or wei, as JSON holds it: as text.

    Programs that read JSON numbers as floats would round large ones; an amount is text whatever
    its size, so that a program sees one type.
    """
    return str(units)


def json_text(value: Any) -> str:
    """Returns a value as JSON of ASCII in one line: bytes as 0x-hex, integers as numbers."""
    # The one control character that JSON lets stand in text.
    return json.dumps(_plain(value), sort_keys=isinstance(value, dict)).replace("\x7f", "\\u007f")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (bool, int)) or value is None:
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None  # JSON has no word for the others
    return value if isinstance(value, str) else str(value)


class Output:
    """Prints for people or, with `as_json`, for scripts.

    `wide` shows accounts and digests whole on a terminal too; `quiet` leaves out all but results.
    """

    def __init__(self, as_json: bool = False, *, wide: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.wide = wide
        self.quiet = quiet

    def line(self, text: str) -> None:
        """Prints a line for people on the way to the result; nothing for scripts."""
        if not (self.as_json or self.quiet):
            print(inert(text), flush=True)

    def part(self, text: str) -> None:
        """Prints a line of a result for people; scripts get it by the result's own data."""
        if not self.as_json:
            print(inert(text), flush=True)

    def result(self, data: dict[str, Any], text: str | Sequence[str]) -> None:
        """Prints one result: `data` for scripts, `text`, a line or several, for people."""
        if self.as_json:
            print(json_text(data), flush=True)
        else:
            lines = [text] if isinstance(text, str) else text
            print("\n".join(map(inert, lines)), flush=True)

    def fields(self, data: dict[str, Any], shown: dict[str, Any] | None = None) -> None:
        """Prints one result as names and values: `data` for scripts, `shown` or it for people."""
        named = data if shown is None else shown
        width = max(map(len, named), default=0)
        self.result(data, [f"{name:<{width}}  {plain(value)}" for name, value in named.items()])

    def rows(
        self, headings: Sequence[str | Column], rows: Sequence[Sequence[Any]], empty: str
    ) -> None:
        """Prints a table: a list of objects for scripts; `empty` for people if it has no row.

        Args:
            headings: made by `address_column`, `date_column`, `digest_column` or `number_column`;
                a word alone is one of text.
            rows: a value for each heading; a date in seconds since 1970, None for none.
            empty: a line, with what to do about it.
        """
        columns = as_columns(headings)
        if self.as_json:
            keys = [column.heading for column in columns]
            print(json_text([dict(zip(keys, row, strict=True)) for row in rows]), flush=True)
        elif rows:
            from registry.cli.tables import print_table  # rich takes long to load

            print_table(columns, rows, self.wide)
        else:
            print(inert(empty), flush=True)

    def records(
        self, columns: Sequence[str | Column], records: Sequence[dict[str, Any]], empty: str
    ) -> None:
        """Prints a table of some fields of each record; whole records for scripts.

        Args:
            columns: as for `rows`; their headings are the records' keys.
            records: fields by name.
            empty: a line for people where there is no record.
        """
        if self.as_json:
            print(json_text(list(records)), flush=True)
            return
        chosen = as_columns(columns)
        self.rows(chosen, [[record[c.heading] for c in chosen] for record in records], empty)

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None] | None]:
        """Shows a bar on a terminal, and nothing in a pipe or for scripts."""
        if self.as_json or self.quiet or not sys.stderr.isatty():
            yield None
            return
        from registry.cli.tables import progress_bar

        with progress_bar(label) as update:
            yield update
