"""A store from one setting: an address, a folder, or several of them."""

from __future__ import annotations

from pathlib import Path

from registry.errors import ConfigError
from registry.storage.base import Store
from registry.storage.local import LocalStore
from registry.storage.sources import SourceChain

__all__ = ["is_node_address", "open_store"]

_MULTIADDRESSES = ("/ip4/", "/ip6/", "/dns/", "/dns4/", "/dns6/")


def open_store(setting: str) -> Store:
    """Opens the store that a setting names.

    Args:
        setting: an IPFS node's RPC address (`http://…` or a multiaddress), a gateway's address
            after `gateway+` (`gateway+https://…`, to read only), or a folder. Several, parted by
            commas, are tried in order; the first one is written to.

    Raises:
        ConfigError: an empty or malformed setting, or a folder that can't be made.
    """
    stores = [_open(part.strip()) for part in setting.split(",")]
    return stores[0] if len(stores) == 1 else SourceChain(stores)


def is_node_address(setting: str) -> bool:
    """Tells whether a setting is the RPC address of an IPFS node, not a folder or a gateway."""
    # Schemes are the same in capitals (RFC 3986).
    return setting.lower().startswith(("http://", "https://")) or setting.startswith(
        _MULTIADDRESSES
    )


def _open(setting: str) -> Store:
    if not setting:
        raise ConfigError("expected a storage address or folder, got nothing; set TALLY_STORAGE")
    kind = setting.lower()  # schemes are the same in capitals (RFC 3986)
    if kind.startswith("gateway+"):
        from registry.storage.gateway import GatewayStore

        return GatewayStore(setting[len("gateway+") :])
    if is_node_address(setting):
        from registry.storage.ipfs import IpfsStore  # 0.3 s to import, which a folder spares

        return IpfsStore(setting)
    return LocalStore(Path(setting).expanduser())
