"""How a command fails: one line on standard error, with an exit code by family.

A traceback is for faults of ours. A file that can't be read, a full disk or a folder that isn't
there is the machine's answer, and is told as one line with its path and a remedy.
"""

from __future__ import annotations

import errno
import os
import sys
from typing import ClassVar

import click

from registry.cli.output import json_text
from registry.cli.streams import STANDARD_OUTPUT, drop
from registry.cli.terminal_text import inert
from registry.cli.usage import NoArgsIsHelpError, usage_message
from registry.errors import ConfigError, TallystickError
from registry.redaction import redacted_text

__all__ = ["ClosedPipe", "UnexpectedAnswer", "report", "told"]

_REMEDIES = {
    errno.EACCES: "check who may read and write it, or choose another place",
    errno.EPERM: "check who may read and write it, or choose another place",
    errno.EROFS: "choose a place that can be written",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "expected a folder there; check the path",
    errno.EISDIR: "expected a file there; check the path",
    errno.EEXIST: "move it away, or choose another place",
    errno.ENOTEMPTY: "move what is in it away, or choose another place",
    errno.ENAMETOOLONG: "choose a shorter path",
    errno.ELOOP: "its links lead back to themselves; check the path",
    errno.ENOSPC: "free some space, and run it again",
    errno.EDQUOT: "free some space, and run it again",
    errno.EFBIG: "expected a place for files of this size; choose another",
    errno.EMFILE: "raise the limit of open files: ulimit -n",
}
_NAMELESS = {
    errno.ENOENT: "check the working folder and TMPDIR",
    errno.ENOSPC: "free some space on the disk, in TALLY_STATE or TMPDIR, and run it again",
}


class ClosedPipe(TallystickError):
    """Nobody reads standard output any more: no failure to tell, as with other tools.

    The code is that of a process which SIGPIPE ends.
    """

    exit_code: ClassVar[int] = 141


class UnexpectedAnswer(TallystickError):
    """The network, not a file: what answered, or didn't, was no part of a family of ours."""


def told(error: OSError) -> TallystickError:
    """Returns the error to tell for one of the system's: its path, what is wrong, a remedy."""
    if error.filename == STANDARD_OUTPUT:
        drop(sys.stdout)
        if isinstance(error, BrokenPipeError):
            return ClosedPipe("nobody reads what is printed")
    if isinstance(error, (ConnectionError, TimeoutError)) or error.errno is None:
        kind = type(error).__name__
        return UnexpectedAnswer(f"{kind}: {error}; check the network and the addresses given")
    named = error.filename2 if error.filename2 is not None else error.filename
    wrong = (error.strerror or os.strerror(error.errno)).rstrip(".")
    if named is None:
        remedy = _NAMELESS.get(error.errno) or _REMEDIES.get(error.errno, "check the machine")
        return ConfigError(f"{wrong}; {remedy}")
    remedy = _REMEDIES.get(error.errno, "check the path")
    return ConfigError(f"{os.fsdecode(named) if _is_path(named) else named}: {wrong}; {remedy}")


def _is_path(named: object) -> bool:
    return isinstance(named, (str, bytes))


def report(error: TallystickError | click.ClickException) -> None:
    """Prints one line on standard error; an object instead where --json was asked for."""
    if isinstance(error, ClosedPipe):
        return
    if isinstance(error, NoArgsIsHelpError) and error.ctx and not _wants_json():
        print(error.ctx.get_help(), file=sys.stderr, flush=True)
        return
    click_s = isinstance(error, click.ClickException)
    said = usage_message(error) if isinstance(error, click.ClickException) else str(error)
    message = redacted_text(said)
    name = "UsageError" if click_s else type(error).__name__
    if _wants_json():
        line = json_text({"error": name, "message": message})
    else:
        line = f"tally: {name}: {inert(message)}"
    # Standard error may be full or closed as well; then the exit code alone tells.
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        drop(sys.stderr)


def _wants_json() -> bool:
    return "--json" in sys.argv
