"""An IPFS gateway as a source of blocks, to read only: anyone may serve, nobody is believed.

Source: the trustless gateway specification; a block is `GET /ipfs/<cid>?format=raw`. What a
gateway sends is checked by `Store.get_block`; `SourceChain` goes on to the next one if it lies
(T-7, T-8).
"""

from __future__ import annotations

import http.client
import threading
from typing import NoReturn, final
from urllib.parse import urlsplit

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage.base import Store
from registry.storage.cid import Cid

__all__ = ["GatewayStore"]

_HEADERS = {"Accept": "application/vnd.ipld.raw"}
_GONE = (404, 410, 504)


@final
class GatewayStore(Store):
    """Blocks from an HTTP gateway.

    Args:
        address: `http://host:port` or `https://host`, without a path.
        timeout: seconds to wait for an answer.

    Raises:
        ConfigError: another kind of address.
    """

    def __init__(self, address: str, timeout: float = 30) -> None:
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
            raise ConfigError(f"expected a gateway's address like https://host, got {address!r}")
        self.address = address.rstrip("/")
        self._kind = (
            http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        )
        self._host, self._port, self._timeout = parts.hostname, parts.port, timeout
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._connections: list[http.client.HTTPConnection] = []

    @property
    def parallelism(self) -> int:
        """Eight requests at a time."""
        return 8

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._mine, "connection", None)
        if connection is None:
            connection = self._kind(self._host, self._port, timeout=self._timeout)
            self._mine.connection = connection
            with self._lock:
                self._connections.append(connection)
        return connection

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the gateway's answer, at most `limit` bytes."""
        try:
            status, data = self._get(cid, limit)
        except (OSError, http.client.HTTPException):
            try:  # once more: a gateway may have closed a connection that was idle
                status, data = self._get(cid, limit)
            except (OSError, http.client.HTTPException) as error:
                raise StoreUnavailable(
                    f"{cid}: no answer from {self.address} ({error}); is it running?"
                ) from error
        if status in _GONE:
            raise BlobNotFound(f"{cid}: {self.address} does not have it ({status})")
        if status != 200:
            raise StoreUnavailable(f"{cid}: {self.address} answers {status}")
        if len(data) > limit:
            raise BlobCorrupted(f"{cid}: {self.address} sent more than {limit} bytes")
        return data

    def _get(self, cid: Cid, limit: int) -> tuple[int, bytes]:
        connection = self._connection()
        try:
            connection.request("GET", f"/ipfs/{cid}?format=raw", headers=_HEADERS)
            answer = connection.getresponse()
            data = answer.read(limit + 1)
            if not answer.isclosed():  # what is left would be read as the next answer
                connection.close()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        return answer.status, data

    def has_block(self, cid: Cid) -> bool:
        """Says no: what a gateway holds itself cannot be asked."""
        return False

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Refuses."""
        self._refuse()

    def pin(self, cid: Cid) -> None:
        """Refuses."""
        self._refuse()

    def unpin(self, cid: Cid) -> None:
        """Refuses."""
        self._refuse()

    def is_pinned(self, cid: Cid) -> bool:
        """Says no."""
        return False

    def _refuse(self) -> NoReturn:
        raise StorageError(f"{self.address} is a gateway, to read only; store on a node or folder")

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()
