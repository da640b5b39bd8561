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
    table = Table(box=None, pad_edge=False)
    for column in columns:
        table.add_column(
            Text(inert(column.title)),
            overflow="fold",
            justify="right" if column.kind is Kind.NUMBER else "left",
            no_wrap=column.kind is not Kind.TEXT and short,
            min_width=max(map(len, column.title.split())),
        )
    for row in rows:
        cells = (c.cell(value, short) for c, value in zip(columns, row, strict=True))
        table.add_row(*(Text(inert(cell)) for cell in cells))
    _Console().print(table)
    sys.stdout.flush()


@contextmanager
def progress_bar(label: str) -> Iterator[Any]:
    """Shows a bar on standard error; gives what is called with bytes done and bytes in all."""
    shown = TextColumn("{task.description}", markup=False)
    columns = (shown, BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(inert(label), total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
