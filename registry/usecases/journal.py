"""What a publish has done so far, kept on disk so that it can be finished (T-11, T-12).

One file per content and model: the version number asked for, and the signed transaction once it
is made. Sending those bytes again cannot publish twice.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from registry.errors import ConfigError

__all__ = ["PublishEntry", "PublishJournal"]


@dataclass(frozen=True)
class PublishEntry:
    """One publish on its way: `raw` is the signed transaction in hex, empty before signing."""

    number: int
    raw: str = ""
    transaction_hash: str = ""


class PublishJournal:
    """The publishes of one deployment that haven't been seen to finish."""

    def __init__(self, folder: Path, chain_id: int, registry: str) -> None:
        self._folder = folder / "publishing" / f"{chain_id}-{registry.lower()}"

    def _path(self, model_id: bytes, digest: bytes) -> Path:
        return self._folder / f"{model_id.hex()[:16]}-{digest.hex()}.json"

    def load(self, model_id: bytes, digest: bytes) -> PublishEntry | None:
        """Returns what is known of a publish, or None."""
        path = self._path(model_id, digest)
        if not path.exists():
            return None
        try:
            return PublishEntry(**json.loads(path.read_text()))
        except (json.JSONDecodeError, TypeError) as error:
            raise ConfigError(
                f"{path}: damaged journal ({error}); delete it to start over"
            ) from error

    def save(self, model_id: bytes, digest: bytes, entry: PublishEntry) -> None:
        """Keeps what was done, durably."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._path(model_id, digest)
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("w") as handle:
            handle.write(json.dumps(asdict(entry)))
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(path)

    def forget(self, model_id: bytes, digest: bytes) -> None:
        """Drops a publish that is finished."""
        self._path(model_id, digest).unlink(missing_ok=True)
