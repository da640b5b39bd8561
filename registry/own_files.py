"""Files that only their owner may read: keys of a round, salts, what a restart must find again."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_own"]


def write_own(path: Path, data: bytes) -> None:
    """Writes a file whole or not at all, readable by its owner alone from its first byte on."""
    partial = path.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
