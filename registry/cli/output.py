"""What commands print: tables or JSON on standard output, progress and errors on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table

__all__ = ["Output"]

_PIPE_WIDTH = 1_000


def _plain(value: Any) -> Any:
    """Turns a value into what JSON holds: bytes as 0x-hex, large integers as text."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_plain(v) for v in value]
    return value if isinstance(value, (str, float)) else str(value)


class Output:
    """Prints for people or, with `as_json`, for scripts."""

    def __init__(self, as_json: bool = False) -> None:
        self.as_json = as_json
        # In a pipe a row stays on one line, so that grep and cut see it whole.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        self.console = Console(highlight=False, soft_wrap=True, width=width)

    def line(self, text: str) -> None:
        """Prints a line for people; nothing for scripts."""
        if not self.as_json:
            self.console.print(text, markup=False)

    def result(self, data: dict[str, Any], text: str) -> None:
        """Prints one result: `data` for scripts, `text` for people."""
        if self.as_json:
            print(json.dumps(_plain(data), sort_keys=True), flush=True)
        else:
            self.console.print(text, markup=False)

    def rows(self, headings: Sequence[str], rows: Sequence[Sequence[Any]], empty: str) -> None:
        """Prints a table: a list of objects for scripts; `empty` for people if it has no row."""
        if self.as_json:
            print(json.dumps([dict(zip(headings, map(_plain, r), strict=True)) for r in rows]))
            return
        if not rows:
            self.console.print(empty, markup=False)
            return
        table = Table(box=None, pad_edge=False)
        for heading in headings:
            table.add_column(heading, overflow="fold")
        for row in rows:
            table.add_row(*(str(_plain(v)) if v is not None else "" for v in row))
        self.console.print(table)

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int, int], None] | None]:
        """Shows a bar on a terminal, and nothing in a pipe or for scripts."""
        if self.as_json or not sys.stderr.isatty():
            yield None
            return
        columns = (TextColumn(label), BarColumn(), DownloadColumn(), TransferSpeedColumn())
        with Progress(*columns, console=Console(stderr=True)) as bar:
            task = bar.add_task(label, total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
