"""Where things are: one settings object, each value from the first place that says it.

Order: an explicit option; the environment (`TALLY_RPC`, `TALLY_STORAGE`, `TALLY_DEPLOYMENTS`,
`TALLY_STATE`, `TALLY_KEYSTORE`, `TALLY_CONFIRMATIONS`, `TALLY_MAX_FEE`); `.tally/network.json` in
the working folder, which `tally up` writes; the user's settings file, which `tally config` writes;
the defaults. Keys are no settings: they come from a keystore file or the environment only.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from registry.errors import ConfigError
from registry.settings_file import SETTING_NAMES, read_settings_file, settings_path

__all__ = [
    "NETWORK_FILE",
    "Origin",
    "Settings",
    "check_setting",
    "expanded",
    "load_settings",
    "settings_in_effect",
]

NETWORK_FILE = Path(".tally") / "network.json"

_DEFAULTS = {
    "rpc": "http://127.0.0.1:8545",
    "deployments": "deployments",
    "confirmations": "0",
}
_OWN_CHAIN = re.compile(r"(http|ws)://(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?/?")
_OF_NETWORK = ("rpc", "storage", "deployments")

_RPC = re.compile(r"(?:https?|wss?)://\S+|[~./].*|.*\.ipc")


@dataclass(frozen=True)
class Settings:
    """Where the node, the storage, the deployments and the local state are.

    `storage` is the RPC address of an IPFS node (http:// or a multiaddress) or the path of a
    folder that holds an embedded store. `max_fee` is the most wei per gas that is offered, None:
    the chain's usual ceiling; with `again`, what an earlier run sent already is sent in addition.
    `keystore` is the file to sign with, if one is named.
    """

    rpc: str
    storage: str
    deployments: Path
    state: Path
    confirmations: int = 0
    max_fee: int | None = None
    again: bool = False
    keystore: Path | None = None


@dataclass(frozen=True)
class Origin:
    """A value as it was written, and by which option, variable or file; it is named in errors."""

    value: str
    place: str


def expanded(place: str) -> str:
    """Returns a path or an address with `~` in front as the home folder.

    Raises:
        ConfigError: the home folder isn't known.
    """
    if not place.startswith("~"):
        return place
    try:
        return str(Path(place).expanduser())
    except RuntimeError:
        raise ConfigError(f"{place}: no such home folder; write the path out") from None


def _network(folder: Path) -> dict[str, str]:
    path = folder / NETWORK_FILE
    if not path.exists():
        return {}
    remedy = "delete it or run `tally up`"
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: not valid JSON ({error}); {remedy}") from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a JSON object; {remedy}")
    found = {name: data[name] for name in _OF_NETWORK if name in data}
    for name, value in found.items():
        if not isinstance(value, str) or not value:
            raise ConfigError(f"{path}: {name}: expected text that isn't empty; {remedy}")
    if "rpc" in found and not _OWN_CHAIN.fullmatch(found["rpc"]):
        # Somebody else's folder must not lead away from the chain that the user has set.
        raise ConfigError(
            f"{path}: rpc: expected a chain on this machine, as `tally up` writes it; delete that "
            "file, and name another chain's node with `tally config set rpc`"
        )
    return found


def _state_default(environment: Mapping[str, str]) -> str:
    home = environment.get("XDG_STATE_HOME")
    if home:
        return str(Path(expanded(home)) / "tallystick")
    try:
        return str(Path.home() / ".local" / "state" / "tallystick")
    except RuntimeError:
        raise ConfigError("no home folder is known; set TALLY_STATE to a folder") from None


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError("the working folder is gone; change to another one") from None


def _wei(gwei: str, place: str) -> int:
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", gwei) or not Decimal(gwei):
        raise ConfigError(f"{place}: expected gwei per gas above 0, got {gwei!r}")
    return int(Decimal(gwei) * 10**9)


def _blocks(text: str, place: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 9):
        raise ConfigError(f"{place}: expected a number of blocks, 0 or more, got {text!r}")
    return int(text)


def check_setting(name: str, value: str) -> None:
    """Refuses what a setting can't be.

    Raises:
        ConfigError: no such setting, or a malformed value.
    """
    if name not in SETTING_NAMES:
        raise ConfigError(f"expected a setting of {', '.join(SETTING_NAMES)}, got {name!r}")
    if not value or not value.isprintable():
        raise ConfigError(f"{name}: expected text that isn't empty, got {value!r}")
    if name == "confirmations":
        _blocks(value, name)
    elif name == "max-fee":
        _wei(value, name)
    elif name == "rpc" and not _RPC.fullmatch(value):
        raise ConfigError(
            f"rpc: expected http(s)://, ws(s):// or the path of an .ipc socket, got {value[:80]!r}"
        )
    else:
        expanded(value)


def settings_in_effect(
    options: Mapping[str, str | None], environment: Mapping[str, str], folder: Path
) -> dict[str, Origin]:
    """Returns each setting that has a value, with where it comes from.

    Args:
        options: by the names of `SETTING_NAMES`; None for what wasn't given.
        environment: of the process.
        folder: where `.tally/network.json` may be.

    Raises:
        ConfigError: a file is malformed, or no folder for the state is known.
    """
    path, network = settings_path(environment), _network(folder)
    filed, found = read_settings_file(path), {}
    for name in SETTING_NAMES:
        variable = "TALLY_" + name.replace("-", "_").upper()
        places = (
            (options.get(name), f"--{name}"),
            (environment.get(variable), variable),
            (network.get(name), str(NETWORK_FILE)),
            (filed.get(name), str(path)),
            (_DEFAULTS.get(name), "default"),
        )
        said = next((Origin(value, place) for value, place in places if value), None)
        if said is not None:
            found[name] = said
    state = found.setdefault("state", Origin("", "default"))
    if not state.value:
        found["state"] = state = Origin(_state_default(environment), "default")
    found.setdefault("storage", Origin(str(Path(expanded(state.value)) / "blobs"), "default"))
    return found


def load_settings(
    *,
    rpc: str | None = None,
    storage: str | None = None,
    deployments: Path | None = None,
    confirmations: int | None = None,
    max_fee: str | None = None,
    again: bool = False,
    keystore: Path | None = None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Returns the settings.

    Raises:
        ConfigError: a value is malformed, or no folder for the state is known.
    """
    options = {
        "rpc": rpc,
        "storage": storage,
        "deployments": str(deployments or "") or None,
        "confirmations": None if confirmations is None else str(confirmations),
        "max-fee": max_fee,
        "keystore": str(keystore or "") or None,
    }
    env = os.environ if environment is None else environment
    found = settings_in_effect(options, env, folder or _working_folder())
    fee, key, blocks = found.get("max-fee"), found.get("keystore"), found["confirmations"]
    return Settings(
        rpc=found["rpc"].value,
        storage=expanded(found["storage"].value),
        deployments=Path(expanded(found["deployments"].value)),
        state=Path(expanded(found["state"].value)),
        confirmations=_blocks(blocks.value, blocks.place),
        max_fee=None if fee is None else _wei(fee.value, fee.place),
        again=again,
        keystore=None if key is None else Path(expanded(key.value)),
    )
