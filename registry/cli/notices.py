"""Notices on standard error: what is worth knowing, and with `--verbose` what is used and sent."""

from __future__ import annotations

import logging
import sys

from registry.cli.terminal_text import inert
from registry.redaction import redacted_text

__all__ = ["notice", "set_notices"]

_LOGGERS = ("registry", "trainer")


class _OneLine(logging.Handler):
    """Writes a record as one line in which nothing steers the terminal, and no secret stands."""

    def emit(self, record: logging.LogRecord) -> None:
        """Writes it; a closed standard error is no failure of the command."""
        try:
            print(f"tally: {inert(redacted_text(record.getMessage()))}", file=sys.stderr)
        except OSError:
            self.handleError(record)


_HANDLER = _OneLine()
_TOLD = logging.getLogger("registry.cli")


def set_notices(*, quiet: bool, verbose: bool) -> None:
    """Chooses what is told of the way to a result: nothing, what matters, or all of it."""
    level = logging.ERROR if quiet else logging.INFO if verbose else logging.WARNING
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        logger.setLevel(level)
        if _HANDLER not in logger.handlers:
            logger.addHandler(_HANDLER)


def notice(text: str, *, verbose_only: bool = False) -> None:
    """Tells something beside the result."""
    _TOLD.log(logging.INFO if verbose_only else logging.WARNING, "%s", text)
