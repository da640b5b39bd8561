"""One coordinator of an account and a model on a machine: a second one is told of the first."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import ConfigError
from registry.model_files.local_files import local_files

__all__ = ["conducting_alone"]


@contextmanager
def conducting_alone(place: Path, what: str) -> Iterator[None]:
    """Keeps others on this machine out while rounds are conducted.

    The system lets the lock go when its process ends, however that comes about. Coordinators on
    other machines conduct the round that stands together: each step is taken once.

    Args:
        place: the folder of an account's work for a model, made if it isn't there.
        what: who conducts what, for the message.

    Raises:
        ConfigError: another process does already.
    """
    with local_files(place):
        place.mkdir(parents=True, exist_ok=True)
        handle = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another coordinator on this machine conducts {what}, in {place}; wait until it "
                "has ended, or stop it: what it began is gone on with"
            ) from None
        yield
    finally:
        os.close(handle)
