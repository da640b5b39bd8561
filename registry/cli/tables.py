"""Tables for people: what stands in columns is aligned, and folded where a terminal ends."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn
from rich.table import Table
from rich.text import Text

from registry.cli.columns import Column, Kind
from registry.cli.streams import STANDARD_OUTPUT
from registry.cli.terminal_text import inert

__all__ = ["print_table", "progress_bar"]

_PIPE_WIDTH = 1_000
_GAP = 2  # between two columns


class _Console(Console):
    """A console that reads nothing in a text and hands a closed pipe to whoever called."""

    def __init__(self) -> None:
        # In a pipe a row stays on one line, so that grep and cut see it whole.
        width = None if sys.stdout.isatty() else _PIPE_WIDTH
        super().__init__(
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=True,
            width=width,
            color_system=None if os.environ.get("NO_COLOR") else "auto",
        )

    def on_broken_pipe(self) -> None:
        """Raises what rich caught, which itself would end the process."""
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE), STANDARD_OUTPUT)


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[Any]], wide: bool) -> None:
    """Prints a table; accounts and digests are shortened on a terminal unless it is to be wide."""
    short = sys.stdout.isatty() and not wide
    cells = [[c.cell(v, short) for c, v in zip(columns, row, strict=True)] for row in rows]
    table, console = Table(box=None, pad_edge=False), _Console()
    natural = [
        max(map(len, texts)) for texts in zip([c.title for c in columns], *cells, strict=True)
    ]
    tight = sum(natural) + _GAP * (len(natural) - 1) > console.width
    for place, column in enumerate(columns):
        # Texts are folded and headings broken between words; anything else stays in one piece.
        whole = column.kind is not Kind.TEXT
        kept = [row[place] for row in cells] if whole else []
        least = max(map(len, [*column.title.split(), *kept]))
        table.add_column(
            Text(inert(column.title)),
            overflow="fold",
            justify="right" if column.kind is Kind.NUMBER else "left",
            min_width=least,
            width=least if whole and tight else None,
        )
    for row in cells:
        table.add_row(*(Text(inert(cell)) for cell in row))
    console.print(table)
    sys.stdout.flush()


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """Shows a bar on standard error; gives what is called with bytes done and bytes in all."""
    shown = TextColumn("{task.description}", markup=False)
    columns = (shown, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(inert(label), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
