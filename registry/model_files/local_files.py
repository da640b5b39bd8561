"""What the operating system says of a file, told in one line with the remedy."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import ConfigError, TallystickError

__all__ = ["local_files", "told"]

_REMEDIES = {
    **dict.fromkeys((errno.EACCES, errno.EPERM), "change its permissions"),
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "free some space, or choose a disk"),
    errno.EROFS: "choose a place that can be written to",
    errno.ENAMETOOLONG: "choose a shorter name",
    errno.EMFILE: "allow more open files (ulimit -n)",
}


def told(error: OSError, path: Path | str) -> str:
    """Returns an error's text: the path that it is about (else `path`), the reason, the remedy."""
    reason = error.strerror or str(error) or type(error).__name__
    remedy = _REMEDIES.get(error.errno or 0, "check the path and run it again")
    return f"{error.filename or path}: {reason}; {remedy}"


@contextmanager
def local_files(path: Path | str, kind: type[TallystickError] = ConfigError) -> Iterator[None]:
    """Raises what the system says of files in the block as one of the project's errors.

    Args:
        path: what the block is about, if the system names no path.
        kind: `ConfigError` for files that somebody named, `StorageError` for a store's own.

    Raises:
        TallystickError: of the given kind, for an `OSError` in the block.
    """
    try:
        yield
    except OSError as error:
        raise kind(told(error, path)) from error
