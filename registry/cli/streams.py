"""The standard streams of the command line: open, able to print any text, named when they fail."""

from __future__ import annotations

import io
import os
import sys
from typing import Any

__all__ = ["STANDARD_OUTPUT", "drop", "open_streams"]

STANDARD_OUTPUT = "standard output"
"""The name of the file in an error of the system about what is printed."""


class _Named(io.FileIO):
    """Standard output; a failed write says so: the system names no stream in its errors."""

    def write(self, data: Any) -> int:
        """Writes, and returns how many bytes.

        Raises:
            OSError: with a name, for a full disk behind it or nobody reading.
        """
        try:
            return super().write(data)
        except OSError as error:
            error.filename = STANDARD_OUTPUT
            raise


def open_streams() -> None:
    """Opens what was closed of the standard streams, and makes any text printable on them.

    A closed one would be replaced by the next file that is opened, and be written into.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - for the process's life
    out = sys.__stdout__
    if out is not None and out is sys.stdout:
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_Named(out.fileno(), "w", closefd=False)),
            encoding=out.encoding,
            line_buffering=out.isatty(),
        )
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def drop(stream: Any) -> None:
    """Drops what a stream can't write, lest the interpreter fail on it again as it ends."""
    try:
        descriptor = stream.fileno()
    except (AttributeError, OSError, ValueError):
        return  # no file behind it: nothing is written as the process ends
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, descriptor)
    os.close(nowhere)
