"""The client's HTTP session, made so that a request can be cut off and loopback needs no proxy."""

from __future__ import annotations

import ipaddress
import weakref
from typing import Any, final

import urllib3

from registry.storage.deadlines import shut

__all__ = ["SessionCut", "is_loopback"]


def is_loopback(host: str) -> bool:
    """Tells whether a host's name or address is this machine's own."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower().rstrip(".") == "localhost" or host.lower().endswith(".localhost")


@final
class SessionCut:
    """Knows the sockets of one `requests` session; calling it ends what waits for any of them.

    Args:
        session: as the client made it. Its environment (`http_proxy`) is passed over for a node on
            this machine, which no proxy could reach.
        host: the node's.
    """

    def __init__(self, session: Any, host: str) -> None:
        self._connections: weakref.WeakSet[Any] = weakref.WeakSet()
        if is_loopback(host):
            session.trust_env = False
        pools = {
            "http": self._pool(urllib3.HTTPConnectionPool),
            "https": self._pool(urllib3.HTTPSConnectionPool),
        }
        for scheme in pools:
            session.get_adapter(f"{scheme}://").poolmanager.pool_classes_by_scheme = pools

    def _pool(self, kind: Any) -> Any:
        def connection(*arguments: Any, **named: Any) -> Any:
            made = kind.ConnectionCls(*arguments, **named)
            self._connections.add(made)
            return made

        # A pool makes its connections by calling this attribute, be it a class or a function.
        return type(f"Watched{kind.__name__}", (kind,), {"ConnectionCls": staticmethod(connection)})

    def __call__(self) -> None:
        for connection in list(self._connections):
            shut(getattr(connection, "sock", None))
