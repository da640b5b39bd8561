"""Blocks on an IPFS node, over its RPC.

The node is not trusted: a CID is computed here and compared with the node's answer (T-9), a block
that comes back is checked by `Store.get_block` (T-8), and an answer that is too long is cut off.
Whether the node has a block is asked offline, so that a block is sent once (T-5, T-6).
"""

from __future__ import annotations

import io
import os
import threading
import warnings
from collections.abc import Callable
from typing import Any, TypeVar, final
from urllib.parse import urlsplit

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage.base import Store
from registry.storage.cid import DAG_PB, RAW, Cid

# The client's own layer over `requests` (for Unix sockets, unused here) passes urllib3 an argument
# that it warns of on every connection; this setting, read once on import, leaves that layer out.
os.environ.setdefault("PY_IPFS_HTTP_CLIENT_PATCH_REQUESTS", "no")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what its old dependencies say of themselves on import
    import ipfshttpclient
    from ipfshttpclient import exceptions as rpc

__all__ = ["IpfsStore", "multiaddress"]

_T = TypeVar("_T")
_CODECS = {RAW: "raw", DAG_PB: "dag-pb"}
_ABSENT = ("not found", "could not find", "deadline exceeded", "no link named", "not pinned")


def multiaddress(address: str) -> str:
    """Returns a node's RPC address as a multiaddress.

    Args:
        address: `http://host:port`, `https://…`, or a multiaddress already.

    Raises:
        ConfigError: neither.
    """
    if address.startswith("/"):
        return address
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(
            f"expected an IPFS node's RPC address like http://127.0.0.1:5001, got {address!r}"
        )
    if parts.path.rstrip("/") not in ("", "/api/v0") or parts.query:
        raise ConfigError(f"expected an RPC address without a path, got {address!r}")
    host = parts.hostname
    kind = "ip6" if ":" in host else "ip4" if host.replace(".", "").isdigit() else "dns"
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return f"/{kind}/{host}/tcp/{port}/{parts.scheme}"


@final
class IpfsStore(Store):
    """Blocks and pins on an IPFS node.

    Args:
        address: the node's RPC address, http:// or a multiaddress.
        timeout: seconds to wait for an answer.
        search: seconds that the node may look for a block among its peers.
        parallelism: transfers at a time.

    Raises:
        ConfigError: the address is malformed. Nothing is sent yet.
    """

    def __init__(
        self, address: str, *, timeout: float = 60, search: float = 20, parallelism: int = 8
    ) -> None:
        self.address = multiaddress(address)
        self._timeout = timeout
        self._search = search
        self._parallelism = parallelism
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._clients: list[Any] = []
        self._client()

    @property
    def parallelism(self) -> int:
        """As given."""
        return self._parallelism

    def _client(self) -> Any:
        """Returns this thread's client: a session's connection is not shared between threads."""
        client = getattr(self._mine, "client", None)
        if client is None:
            try:
                client = ipfshttpclient.Client(
                    self.address,
                    session=True,
                    timeout=(min(10.0, self._timeout), self._timeout),
                    chunk_size=1 << 18,
                )
            except (rpc.AddressError, ValueError) as error:
                raise ConfigError(f"not an RPC address: {self.address} ({error})") from error
            self._mine.client = client
            with self._lock:
                self._clients.append(client)
        return client

    def _ask(self, what: str, call: Callable[[Any], _T]) -> _T:
        try:
            return call(self._client())
        except rpc.ErrorResponse as error:
            if any(word in str(error) for word in _ABSENT):
                raise BlobNotFound(f"{what}: {error}") from error
            raise StorageError(f"{what}: the node refused: {error}") from error
        except rpc.Error as error:
            raise StoreUnavailable(
                f"{what}: no answer from {self.address} ({error}); is the node running?"
            ) from error
        except (AssertionError, KeyError, TypeError, AttributeError) as error:
            raise StorageError(
                f"{what}: {self.address} does not answer as an IPFS node does; check the address"
            ) from error

    def check(self) -> str:
        """Returns the node's version, or raises StoreUnavailable."""
        return self._ask("version", lambda c: str(c.version()["Version"]))

    def has_block(self, cid: Cid) -> bool:
        """Tells whether the node itself holds the block."""
        try:
            self._ask(f"{cid}", lambda c: c.block.stat(str(cid), offline=True))
        except BlobNotFound:
            return False
        return True

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Sends the block and compares what the node calls it."""
        options = {"cid-codec": _CODECS[cid.codec], "mhtype": "sha2-256", "pin": "false"}
        answer = self._ask(f"{cid}", lambda c: c.block.put(io.BytesIO(data), opts=options))
        try:
            stored = Cid.parse(str(answer["Key"]))
        except (KeyError, TypeError, ConfigError) as error:
            raise StorageError(f"{cid}: the node's answer names no CID: {answer!r}") from error
        if stored != cid:
            raise BlobCorrupted(f"expected the node to store {cid}, it stored {stored}")

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the node's answer; the node may look for the block among its peers."""

        def read(client: Any) -> bytes:
            options = {"timeout": f"{self._search}s"}
            got = bytearray()
            with client.block.get(str(cid), stream=True, opts=options) as answer:
                for part in answer:
                    got += part
                    if len(got) > limit:
                        raise BlobCorrupted(f"{cid}: the node sent more than {limit} bytes")
            return bytes(got)

        return self._ask(f"{cid}", read)

    def pin(self, cid: Cid) -> None:
        """Has the node pin the block and all below it; a time-out means that one is missing."""
        options = {"timeout": f"{self._timeout}s"}
        self._ask(f"pin {cid}", lambda c: c.pin.add(str(cid), opts=options))

    def unpin(self, cid: Cid) -> None:
        """Takes the pin back."""
        if self.is_pinned(cid):
            self._ask(f"unpin {cid}", lambda c: c.pin.rm(str(cid)))

    def is_pinned(self, cid: Cid) -> bool:
        """Tells whether the node keeps a recursive pin of this CID."""
        try:
            keys = self._ask(f"{cid}", lambda c: list(c.pin.ls(str(cid), type="recursive")["Keys"]))
        except BlobNotFound:
            return False
        return any(_names(key, cid) for key in keys)

    def close(self) -> None:
        """Closes the connections of all threads."""
        with self._lock:
            clients, self._clients = self._clients, []
        for client in clients:
            client.close()


def _names(text: str, cid: Cid) -> bool:
    """Tells whether a text of either version is this CID's."""
    try:
        return Cid.parse(text) == cid
    except ConfigError:
        return False
