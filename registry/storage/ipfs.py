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
from http.client import HTTPException
from typing import Any, TypeVar, final
from urllib.parse import urlsplit

import urllib3

from registry.errors import BlobAltered, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage.base import Store
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.deadlines import Deadline, Watchdog
from registry.storage.ipfs_session import SessionCut

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
    try:
        parts = urlsplit(address)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.hostname is None:
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
        timeout: seconds for an answer in all; each 65,536 bytes that go or come add one.
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
        self._watchdog = Watchdog()
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
            host = self.address.split("/")[2]
            self._mine.cut = SessionCut(client._client._session, host)
            with self._lock:
                self._clients.append(client)
        return client

    def _ask(self, what: str, call: Callable[[Any], _T], deadline: Deadline | None = None) -> _T:
        client, deadline = self._client(), deadline or Deadline(self._timeout)
        try:
            with self._watchdog.watching(deadline, self._mine.cut):
                result = call(client)
        except rpc.ErrorResponse as error:
            if any(word in str(error) for word in _ABSENT):
                raise BlobNotFound(f"{what}: {error}") from error
            raise StorageError(f"{what}: the node refused: {error}") from error
        except (rpc.Error, OSError, urllib3.exceptions.HTTPError, HTTPException) as error:
            if deadline.passed:
                raise self._late(what) from error
            raise StoreUnavailable(
                f"{what}: no answer from {self.address} ({type(error).__name__}); is the node "
                "running?"
            ) from error
        except (AssertionError, KeyError, TypeError, AttributeError) as error:
            if deadline.passed:
                raise self._late(what) from error
            raise StorageError(
                f"{what}: {self.address} does not answer as an IPFS node does; check the address"
            ) from error
        if deadline.passed:  # cut off just where an answer without a length might end
            raise self._late(what)
        return result

    def _late(self, what: str) -> StoreUnavailable:
        return StoreUnavailable(
            f"{what}: {self.address} sent no whole answer within {self._timeout:g} s (and 1 s for "
            "each 65,536 bytes); is the node overloaded?"
        )

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
        """Sends the block and compares what the node calls it.

        Raises:
            BlobAltered: the node names another CID for the bytes.
            StorageError: its answer names none, or the node refuses or doesn't answer.
        """
        options = {"cid-codec": _CODECS[cid.codec], "mhtype": "sha2-256", "pin": "false"}
        answer = self._ask(
            f"{cid}",
            lambda c: c.block.put(io.BytesIO(data), opts=options),
            Deadline(self._timeout, len(data)),
        )
        try:
            stored = Cid.parse(str(answer["Key"]))
        except (KeyError, TypeError, ConfigError) as error:
            raise StorageError(f"{cid}: the node's answer names no CID: {answer!r}") from error
        if stored != cid:
            raise BlobAltered(f"expected the node to store {cid}, it stored {stored}")

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the node's answer; the node may look for the block among its peers."""
        deadline = Deadline(self._timeout)

        def read(client: Any) -> bytes:
            options = {"timeout": f"{self._search}s"}
            got = bytearray()
            with client.block.get(str(cid), stream=True, opts=options) as answer:
                for part in answer:
                    got += part
                    deadline.earn(len(part))
                    if len(got) > limit:
                        raise BlobAltered(f"{cid}: the node sent more than {limit} bytes")
            return bytes(got)

        return self._ask(f"{cid}", read, deadline)

    def pin(self, cid: Cid) -> None:
        """Has the node pin the block and all below it; a time-out means that one is missing."""
        options = {"timeout": f"{self._timeout}s"}
        # The node says itself when its time is up; it gets the time to say so.
        deadline = Deadline(1.25 * self._timeout)
        self._ask(f"pin {cid}", lambda c: c.pin.add(str(cid), opts=options), deadline)

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
        self._watchdog.close()


def _names(text: str, cid: Cid) -> bool:
    """Tells whether a text of either version is this CID's."""
    try:
        return Cid.parse(text) == cid
    except ConfigError:
        return False
