"""JSON-RPC over WebSocket or IPC by web3's providers: one socket, one request at a time.

The only module that imports web3: it takes most of a second, and nodes are mostly asked over HTTP.
"""

from __future__ import annotations

import threading
from typing import Any

from web3 import IPCProvider, LegacyWebSocketProvider
from web3.exceptions import Web3Exception
from web3.types import RPCEndpoint

__all__ = ["SocketFailure", "SocketProvider"]


class SocketFailure(OSError):
    """web3 had no answer; its own exception is the cause."""


class SocketProvider:
    """Speaks to one node over a socket.

    Args:
        url: `ws(s)://`, or the path of an IPC socket.
        timeout: seconds for one answer.
    """

    proxy = None

    def __init__(self, url: str, timeout: float) -> None:
        self._lock = threading.Lock()
        self._provider: IPCProvider | LegacyWebSocketProvider
        if url.startswith(("ws://", "wss://")):
            self._provider = LegacyWebSocketProvider(url, websocket_timeout=int(timeout))
        else:
            self._provider = IPCProvider(url, timeout=int(timeout))

    def make_request(self, method: str, params: list[Any]) -> Any:
        """Returns the node's answer; requests must not interleave on one socket.

        Raises:
            SocketFailure: none came.
        """
        try:
            with self._lock:
                return self._provider.make_request(RPCEndpoint(method), params)
        except Web3Exception as error:
            raise SocketFailure(str(error)) from error

    def close(self) -> None:
        """Closes an IPC socket; a WebSocket closes by itself."""
        opened = getattr(self._provider, "_socket", None)  # web3 has no public way to close it
        if isinstance(self._provider, IPCProvider) and opened is not None and opened.sock:
            opened.sock.close()
