"""What short names mean to this user: a name's first use is kept with whose model it was (M-11).

Anybody may register any name. So that a stranger who takes one changes nothing for those who use it
already, the first use is written down, as SSH does with a server's key. The file is a user's own;
each deployment has its own, so that a chain that began anew starts with none.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.addresses import parse_address
from registry.chain.deployments import Deployment
from registry.documents.canonical_json import canonical, require_fields, strict_object
from registry.errors import ConfigError
from registry.model_files.local_files import local_files
from registry.types import ModelId

__all__ = ["NamePin", "NamePins"]

_FORMAT = "tallystick/names/1"
_LONGEST = 16 << 20


@dataclass(frozen=True)
class NamePin:
    """What a short name means: a model, and who owned it when that was settled.

    `since` is in seconds since 1970, by the clock of this machine.
    """

    slug: str
    model_id: ModelId
    owner: str
    since: int


class NamePins:
    """The pins of one user for one deployment."""

    def __init__(self, state_folder: Path, deployment: Deployment) -> None:
        registry = deployment.address("ModelRegistry").lower()
        self._path = state_folder / "names" / f"{deployment.genesis[2:18]}-{registry}.json"

    @property
    def path(self) -> Path:
        """The file that holds them."""
        return self._path

    def all(self) -> list[NamePin]:
        """Returns every pin by name.

        Raises:
            ConfigError: the file is damaged or can't be read.
        """
        return [pin for _, pin in sorted(self._read().items())]

    def get(self, slug: str) -> NamePin | None:
        """Returns a name's pin, None if it has none.

        Raises:
            ConfigError: the file is damaged or can't be read.
        """
        return self._read().get(slug)

    def put(self, pin: NamePin) -> None:
        """Keeps a pin in place of any that the name has.

        Raises:
            ConfigError: the file is damaged or can't be written.
        """
        with self._changed() as pins:
            pins[pin.slug] = pin

    def forget(self, slug: str) -> bool:
        """Takes a name's pin out; says whether it had one.

        Raises:
            ConfigError: the file is damaged or can't be written.
        """
        with self._changed() as pins:
            return pins.pop(slug, None) is not None

    def _read(self) -> dict[str, NamePin]:
        if not self._path.exists():
            return {}
        with local_files(self._path):
            data = self._path.read_bytes()
        try:
            value = strict_object(data, _LONGEST, "names")
            fields = require_fields(value, {"format", "names"}, "names")
            if fields["format"] != _FORMAT or not isinstance(fields["names"], dict):
                raise ConfigError(f"expected {_FORMAT}")
            return {slug: _pin(slug, entry) for slug, entry in fields["names"].items()}
        except (ConfigError, TypeError, ValueError) as error:
            raise ConfigError(
                f"{self._path}: damaged ({error}); mend it, or delete it to settle names anew"
            ) from None

    @contextmanager
    def _changed(self) -> Iterator[dict[str, NamePin]]:
        """Lets the pins be changed, by one process at a time, and writes them whole or not."""
        with local_files(self._path):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            lock = os.open(self._path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX)
                pins = self._read()
                yield pins
                part = self._path.with_suffix(".part")
                part.write_bytes(_text(pins))
                part.replace(self._path)
            finally:
                os.close(lock)


def _pin(slug: str, entry: Any) -> NamePin:
    fields = require_fields(entry, {"modelId", "owner", "since"}, slug)
    model_id, since = bytes.fromhex(fields["modelId"].removeprefix("0x")), fields["since"]
    if len(model_id) != 32 or type(since) is not int or since < 0:
        raise ConfigError(f"{slug}: expected a model's id and a time")
    return NamePin(slug, model_id, parse_address(fields["owner"]), since)


def _text(pins: dict[str, NamePin]) -> bytes:
    names = {
        slug: {"modelId": "0x" + pin.model_id.hex(), "owner": pin.owner, "since": pin.since}
        for slug, pin in pins.items()
    }
    return canonical({"format": _FORMAT, "names": names}) + b"\n"
