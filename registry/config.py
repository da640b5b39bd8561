"""Where things are: one settings object, from options, environment and the local network's file.

Order: an explicit option, then the environment (`TALLY_RPC`, `TALLY_STORAGE`, `TALLY_DEPLOYMENTS`,
`TALLY_STATE`,
`TALLY_MAX_FEE`), then `.tally/network.json` in the working folder (written by `tally up`), then
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

__all__ = ["NETWORK_FILE", "Settings", "expanded", "load_settings"]

NETWORK_FILE = Path(".tally") / "network.json"


@dataclass(frozen=True)
class Settings:
    """Where the node, the storage, the deployments and the local state are.

    `storage` is the RPC address of an IPFS node (http:// or a multiaddress) or the path of a
    folder that holds an embedded store. `max_fee` is the most wei per gas that is offered, None:
    the chain's usual ceiling; with `again`, what an earlier run sent already is sent in addition.
    """

    rpc: str
    storage: str
    deployments: Path
    state: Path
    confirmations: int = 0
    max_fee: int | None = None
    again: bool = False


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
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ConfigError(
            f"{path}: not valid JSON ({error}); delete it or run `tally up`"
        ) from error
    if not isinstance(data, dict):
        raise ConfigError(f"{path}: expected a JSON object; delete it or run `tally up`")
    return {key: str(value) for key, value in data.items()}


def _state_folder(environment: Mapping[str, str]) -> Path:
    if environment.get("TALLY_STATE"):
        return Path(expanded(environment["TALLY_STATE"]))
    home = environment.get("XDG_STATE_HOME")
    if home:
        return Path(expanded(home)) / "tallystick"
    try:
        return Path.home() / ".local" / "state" / "tallystick"
    except RuntimeError:
        raise ConfigError("no home folder is known; set TALLY_STATE to a folder") from None


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise ConfigError("the working folder is gone; change to another one") from None


def _wei(gwei: str | None) -> int | None:
    if not gwei:
        return None
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,9})?", gwei) or not Decimal(gwei):
        raise ConfigError(f"TALLY_MAX_FEE: expected gwei per gas above 0, got {gwei!r}")
    return int(Decimal(gwei) * 10**9)


def load_settings(
    *,
    rpc: str | None = None,
    storage: str | None = None,
    deployments: Path | None = None,
    confirmations: int | None = None,
    max_fee: str | None = None,
    again: bool = False,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Settings:
    """Returns the settings.

    Raises:
        ConfigError: a value is malformed, or no folder for the state is known.
    """
    env = os.environ if environment is None else environment
    network = _network(folder or _working_folder())
    state = _state_folder(env)
    shown = env.get("TALLY_CONFIRMATIONS", "0") if confirmations is None else str(confirmations)
    if not (shown.isascii() and shown.isdigit()):
        raise ConfigError(f"TALLY_CONFIRMATIONS: expected a number of blocks, got {shown!r}")
    return Settings(
        rpc=rpc or env.get("TALLY_RPC") or network.get("rpc") or "http://127.0.0.1:8545",
        storage=expanded(
            storage or env.get("TALLY_STORAGE") or network.get("storage") or str(state / "blobs")
        ),
        deployments=Path(
            expanded(
                str(deployments or "")
                or env.get("TALLY_DEPLOYMENTS")
                or network.get("deployments")
                or "deployments"
            )
        ),
        state=state,
        confirmations=int(shown),
        max_fee=_wei(max_fee or env.get("TALLY_MAX_FEE")),
        again=again,
    )
