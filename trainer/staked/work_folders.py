"""A folder of its own for each process that works rounds out for one account.

What lies in it may be lost, but not while it is being read: two watchers of one account, such as
one that runs and one on a timer, would otherwise write over each other's files.
"""

from __future__ import annotations

import fcntl
import os
from itertools import count
from pathlib import Path
from typing import final

from registry.model_files.local_files import local_files

__all__ = ["WorkFolder"]


@final
class WorkFolder:
    """The first folder below a place that no other process has.

    It is this object's as long as it is referred to, and free again when its process ends, however
    that comes about.

    Args:
        place: where the folders lie, numbered from 0.

    Raises:
        ConfigError: one can't be made or opened.
    """

    def __init__(self, place: Path) -> None:
        for number in count():
            self.path = place / str(number)
            with local_files(self.path):
                self.path.mkdir(parents=True, exist_ok=True)
                self._lock = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(self._lock)
            else:
                return

    def __del__(self) -> None:
        """Lets others have it."""
        os.close(self._lock)
