"""One fetch at a time into one place: a second one waits, then finds what the first has brought."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.hashing import sha256
from registry.model_files.local_files import local_files

__all__ = ["beside", "one_at_a_time"]


def beside(place: Path, suffix: str, about: str = "") -> Path:
    """Returns a hidden path next to `place`, of its own for each place and `about`.

    Its name is a digest: any prefix would make a name of 255 bytes too long.
    """
    whole = Path(os.path.abspath(place))
    name = sha256(os.fsencode(whole.name) + b"\0" + about.encode()).hex()[:16]
    return whole.parent / f".{name}.{suffix}"


@contextmanager
def one_at_a_time(place: Path) -> Iterator[None]:
    """Waits until nobody else brings anything to `place`, on this machine, and keeps others out.

    The system lets the lock go when its process ends, however that comes about.

    Raises:
        ConfigError: neither the folder above nor the place itself can be opened.
    """
    lock = beside(place, "lock")
    handle = _locked(lock, place)
    try:
        yield
    finally:
        with local_files(lock):
            if os.access(lock.parent, os.W_OK):
                lock.unlink(missing_ok=True)  # while it is held: who waits for it sees it gone
            os.close(handle)


def _locked(lock: Path, place: Path) -> int:
    while True:
        with local_files(lock):
            try:
                handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError:
                if not place.is_dir():
                    raise
                # The folder above may not be written to, so this one is there before and after.
                handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
                fcntl.flock(handle, fcntl.LOCK_EX)
                return handle
            fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            if os.path.samestat(os.fstat(handle), lock.stat()):
                return handle
        except FileNotFoundError:
            pass
        os.close(handle)  # the one before took this file away; the next one waits for another
