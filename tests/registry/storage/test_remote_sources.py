"""Nodes and gateways that are down, lie, or answer nonsense: T-5, T-7, T-8, T-9, on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from registry.errors import (
    BlobCorrupted,
    BlobNotFound,
    ConfigError,
    StorageError,
    StoreUnavailable,
)
from registry.storage import (
    RAW,
    Cid,
    GatewayStore,
    IpfsStore,
    LocalStore,
    MemoryStore,
    SourceChain,
    add_bytes,
    open_store,
    read_bytes,
)
from registry.storage.ipfs import multiaddress

CONTENT = bytes(range(256)) * 2000
BlockAnswer = Callable[[str], tuple[int, bytes]]


@contextmanager
def serve(answer: BlockAnswer, cut: int = 0) -> Iterator[str]:
    """Serves answers by path on a free port; with `cut` that many bytes of a body are held back."""

    class Handler(BaseHTTPRequestHandler):
        """Answers as it is told to."""

        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            """Sends the answer."""
            left = int(self.headers.get("Content-Length") or 0)
            self.rfile.read(left)
            if "chunked" in self.headers.get("Transfer-Encoding", ""):
                while size := int(self.rfile.readline(), 16):
                    self.rfile.read(size + 2)
                self.rfile.readline()
            status, body = answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) - cut])
            self.close_connection = self.close_connection or bool(cut)

        do_GET = do_POST = respond

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def asking(url: str) -> GatewayStore:
    """Returns a gateway as a source, which is asked again at once."""
    return GatewayStore(url, pause=lambda seconds: None)


@pytest.fixture
def source() -> tuple[MemoryStore, Cid]:
    """A store with a file of three blocks."""
    store = MemoryStore()
    return store, add_bytes(store, CONTENT)


def gateway(store: MemoryStore) -> BlockAnswer:
    """Returns an honest gateway's answers."""

    def answer(path: str) -> tuple[int, bytes]:
        cid = Cid.parse(path.split("/")[2].split("?", maxsplit=1)[0])
        try:
            return 200, store.get_block(cid)
        except BlobNotFound:
            return 404, b"no such block"

    return answer


def test_a_gateway_is_a_source(source: tuple[MemoryStore, Cid]) -> None:
    store, cid = source
    with serve(gateway(store)) as url, asking(url) as remote:
        assert read_bytes(remote, cid, 1 << 20) == CONTENT
        with pytest.raises(BlobNotFound, match="404"):
            remote.get_block(Cid(RAW, bytes(32)))
        assert read_bytes(remote, cid, 1 << 20) == CONTENT


def test_t7_a_gateway_that_cuts_off_is_passed_over(source: tuple[MemoryStore, Cid]) -> None:
    store, cid = source
    with serve(gateway(store), cut=1) as url, asking(url) as remote:
        with pytest.raises((BlobCorrupted, StoreUnavailable)):
            read_bytes(remote, cid, 1 << 20)
        assert read_bytes(SourceChain([remote, store]), cid, 1 << 20) == CONTENT


def test_t8_a_gateway_that_sends_other_bytes_is_passed_over(
    source: tuple[MemoryStore, Cid],
) -> None:
    store, cid = source
    with serve(lambda path: (200, b"other bytes")) as url, asking(url) as remote:
        with pytest.raises(BlobCorrupted, match="of another"):
            remote.get_block(cid)
        assert read_bytes(SourceChain([remote, store]), cid, 1 << 20) == CONTENT


def test_t26_a_gateway_that_sends_too_much_is_cut_off(source: tuple[MemoryStore, Cid]) -> None:
    _, cid = source
    with serve(lambda path: (200, bytes(5 << 20))) as url, asking(url) as remote:
        for _ in range(2):
            with pytest.raises(BlobCorrupted, match="more than"):
                remote.get_block(cid)


@pytest.mark.parametrize("status", [301, 403, 429, 500, 503])
def test_a_gateway_that_refuses_is_unavailable(status: int) -> None:
    with (
        serve(lambda path: (status, b"no")) as url,
        asking(url) as remote,
        pytest.raises(StoreUnavailable, match=str(status)),
    ):
        remote.get_block(Cid(RAW, bytes(32)))


def test_a_gateway_is_not_written_to() -> None:
    with GatewayStore("http://127.0.0.1:1") as remote:
        for call in (lambda: remote.put_block(b"x"), lambda: remote.pin(Cid(RAW, bytes(32)))):
            with pytest.raises(StorageError, match="read only"):
                call()
        with pytest.raises(StoreUnavailable, match="is it running"):
            remote.get_block(Cid(RAW, bytes(32)))


def closed_port() -> str:
    """Returns the address of a port on which nobody listens any more."""
    with serve(lambda path: (200, b"")) as url:
        return url


def test_t5_a_node_that_is_down_is_named() -> None:
    url = closed_port()
    port = url.rsplit(":", 1)[1]
    with IpfsStore(url) as node:
        for call in (
            lambda: node.put_block(b"x"),
            lambda: node.get_block(Cid(RAW, bytes(32))),
            lambda: node.pin(Cid(RAW, bytes(32))),
            node.check,
        ):
            with pytest.raises(StoreUnavailable, match=f"{port}.*is the node running"):
                call()


def rpc(key: str, has: bool = False) -> BlockAnswer:
    """Returns a node's answers that names every stored block `key`."""

    def answer(path: str) -> tuple[int, bytes]:
        if "/block/stat" in path and not has:
            return 500, json.dumps({"Message": "not found", "Type": "error"}).encode()
        return 200, json.dumps({"Key": key, "Size": 1}).encode()

    return answer


def test_t9_a_node_that_stores_under_another_cid_is_found_out() -> None:
    other = str(Cid.of(b"other", RAW))
    with (
        serve(rpc(other)) as url,
        IpfsStore(url) as node,
        pytest.raises(BlobCorrupted, match=f"it stored {other}"),
    ):
        node.put_block(b"mine")


@pytest.mark.parametrize("key", ["", "nonsense", "bafkqaaa"])
def test_t9_a_node_that_names_no_cid_is_refused(key: str) -> None:
    with (
        serve(rpc(key)) as url,
        IpfsStore(url) as node,
        pytest.raises(StorageError, match="names no CID"),
    ):
        node.put_block(b"mine")


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"Version":1'])
def test_something_that_is_no_node_is_refused(body: bytes) -> None:
    with serve(lambda path: (200, body)) as url, IpfsStore(url) as node:
        with pytest.raises(StorageError):
            node.check()
        with pytest.raises(StorageError):
            node.is_pinned(Cid(RAW, bytes(32)))


def test_t8_a_node_that_sends_other_bytes_or_too_many_is_refused() -> None:
    cid = Cid.of(b"mine", RAW)
    for body in (b"other", bytes(5 << 20)):
        with (
            serve(lambda path, body=body: (200, body)) as url,  # type: ignore[misc]
            IpfsStore(url) as node,
            pytest.raises(BlobCorrupted),
        ):
            node.get_block(cid)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("http://127.0.0.1:5001", "/ip4/127.0.0.1/tcp/5001/http"),
        ("http://127.0.0.1:5001/", "/ip4/127.0.0.1/tcp/5001/http"),
        ("http://127.0.0.1:5001/api/v0", "/ip4/127.0.0.1/tcp/5001/http"),
        ("http://[::1]:5001", "/ip6/::1/tcp/5001/http"),
        ("https://node.example", "/dns/node.example/tcp/443/https"),
        ("http://node.example", "/dns/node.example/tcp/80/http"),
        ("/dns/localhost/tcp/5001/http", "/dns/localhost/tcp/5001/http"),
    ],
)
def test_addresses_of_both_kinds_are_taken(address: str, expected: str) -> None:
    assert multiaddress(address) == expected
    with open_store(address) as store:
        assert isinstance(store, IpfsStore)


@pytest.mark.parametrize(
    "address", ["ftp://a", "http://", "http://a/path", "http://a?x=1", "/ip4/no/tcp/1", "/dns/a"]
)
def test_other_addresses_are_refused(address: str) -> None:
    with pytest.raises(ConfigError):
        IpfsStore(address)


@pytest.mark.parametrize("address", ["ftp://a", "http://", "https://a/ipfs", "a"])
def test_other_gateways_are_refused(address: str) -> None:
    with pytest.raises(ConfigError, match="gateway"):
        GatewayStore(address)


def test_a_setting_opens_a_folder_a_node_a_gateway_or_several(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "blobs")) as store:
        assert isinstance(store, LocalStore)
        cid = store.put_block(CONTENT)
    with open_store(f"{tmp_path / 'cache'}, {tmp_path / 'blobs'}") as chain:
        assert isinstance(chain, SourceChain)
        assert chain.get_block(cid) == CONTENT
    with open_store("gateway+https://gateway.example") as remote:
        assert isinstance(remote, GatewayStore)
    with pytest.raises(ConfigError, match="TALLY_STORAGE"):
        open_store("")
