"""The user's settings file: what `tally config` writes and every command reads.

It is JSON, an object of texts, in the folder for configurations that XDG names. No account's key
and no keystore's password is kept in it: a keystore is named by its path. What an address holds is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

from registry.errors import ConfigError

__all__ = ["SETTING_NAMES", "read_settings_file", "settings_path", "write_settings_file"]

SETTING_NAMES = (
    "rpc",
    "storage",
    "deployments",
    "state",
    "keystore",
    "confirmations",
    "max-fee",
)
"""What can be set, each by the name of its option."""

_LARGEST_FILE = 65_536


def settings_path(environment: Mapping[str, str]) -> Path | None:
    """Returns where the file is, there or not; None if no home folder is known."""
    named, home = environment.get("XDG_CONFIG_HOME"), environment.get("HOME")
    if named:
        folder = Path(named)
    elif home:
        folder = Path(home) / ".config"
    else:
        return None
    return folder / "tallystick" / "settings.json"


def read_settings_file(path: Path | None) -> dict[str, str]:
    """Returns what the file sets; nothing if it isn't there.

    Raises:
        ConfigError: it can't be read, is no object of texts, or sets what nobody knows.
    """
    if path is None:
        return {}
    try:
        with path.open("rb") as file:
            data = json.loads(file.read(_LARGEST_FILE))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}; check who may read it") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{path}: expected JSON; mend it, or delete it") from None
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a JSON object; mend it, or delete it")
    for name, value in data.items():
        if name not in SETTING_NAMES:
            raise ConfigError(
                f"{path}: expected {', '.join(SETTING_NAMES)}, got {name[:80]!r}; take it out"
            )
        if not isinstance(value, str):
            raise ConfigError(f"{path}: {name}: expected text; mend it, or delete it")
    return data


def write_settings_file(path: Path, settings: Mapping[str, str]) -> None:
    """Replaces the file, for this user alone: an address may hold a key."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = path.with_name(f"{path.name}.{os.getpid()}")
    handle = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(dict(settings), file, indent=2, sort_keys=True)
        file.write("\n")
    made.replace(path)
