"""Gateways and nodes that drip, err now and then, redirect, or stand behind a proxy's back."""

from __future__ import annotations

import http.server
import random
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StoreUnavailable
from registry.storage import (
    RAW,
    Cid,
    GatewayStore,
    IpfsStore,
    MemoryStore,
    SourceChain,
    Store,
    add_path,
    directory_cid,
    fetch_path,
    open_store,
)

Handling = Callable[[http.server.BaseHTTPRequestHandler], None]
CONTENT = b"the right bytes"
CID = Cid.of(CONTENT, RAW)


@contextmanager
def serve(handle: Handling) -> Iterator[str]:
    """Serves on a free port of loopback, each request handled as told."""

    class Handler(http.server.BaseHTTPRequestHandler):
        """Handles as it is told to."""

        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            """Takes the body and answers."""
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            handle(self)

        do_GET = do_POST = respond

        def log_message(self, format: str, *args: object) -> None:
            """Keeps quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def answer(
    request: http.server.BaseHTTPRequestHandler, status: int, body: bytes, **headers: str
) -> None:
    """Sends an answer; `Retry_After` stands for `Retry-After`."""
    request.send_response(status)
    for name, value in headers.items():
        request.send_header(name.replace("_", "-"), value)
    request.send_header("Content-Length", str(len(body)))
    request.end_headers()
    request.wfile.write(body)


def drip(stop: threading.Event, head: bool) -> Handling:
    """Returns a handling that sends a byte each 20 ms without end: of its head, or of its body."""

    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        if head:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nX-Drip: ")
        else:
            request.send_response(200)
            request.send_header("Content-Length", "100000")
            request.end_headers()
        try:
            while not stop.wait(0.02):
                request.wfile.write(b".")
        except OSError:
            stop.set()
        request.close_connection = True

    return handle


@pytest.mark.parametrize("head", [True, False])
@pytest.mark.parametrize("kind", [GatewayStore, IpfsStore])
def test_t7_a_source_that_drips_is_given_up_and_the_next_one_asked(
    kind: Callable[..., Store], head: bool
) -> None:
    stop, good = threading.Event(), MemoryStore()
    good.put_block(CONTENT)
    with serve(drip(stop, head)) as url, kind(url, timeout=0.4) as slow:
        begun = time.monotonic()
        with pytest.raises(StoreUnavailable, match=r"no whole answer within 0\.4 s"):
            slow.get_block(CID)
        assert SourceChain([slow, good]).get_block(CID) == CONTENT
        assert time.monotonic() - begun < 10, "a read alone would never time out"
        stop.set()


def test_a_fetch_over_a_gateway_that_errs_one_time_in_ten_succeeds(tmp_path: Path) -> None:
    """12 MB in one run, past wrong bytes, failures of the server's, refusals and broken lines."""
    store, lock = MemoryStore(), threading.Lock()
    (tmp_path / "v").mkdir()
    (tmp_path / "v" / "weights.f32").write_bytes(random.Random(5).randbytes(12_000_000))
    cid = add_path(store, tmp_path / "v")
    bad: Counter[str] = Counter()

    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        asked = Cid.parse(request.path.split("/")[2].split("?")[0])
        with lock:
            number = bad.total()
            fault = ("wrong", "500", "429", "break")[number // 10 % 4] if number % 10 == 3 else ""
            bad[fault] += 1
        if fault == "wrong":
            answer(request, 200, b"other bytes")
        elif fault == "break":
            request.close_connection = True
        elif fault:
            answer(request, int(fault), b"no", Retry_After="1")
        else:
            answer(request, 200, store.get_block(asked))

    pauses: list[float] = []
    with serve(handle) as url, GatewayStore(url, pause=pauses.append) as remote:
        fetch_path(remote, cid, tmp_path / "got")
    assert directory_cid(tmp_path / "got") == cid
    assert set(bad) == {"", "wrong", "500", "429", "break"}
    assert len(pauses) == bad.total() - bad[""]


def counting(statuses: list[int], **headers: str) -> tuple[list[int], Handling]:
    """Returns a list that grows with each request, and a handling that answers in that order."""
    asked: list[int] = []

    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        status = statuses[min(len(asked), len(statuses) - 1)]
        asked.append(status)
        answer(request, status, CONTENT if status == 200 else b"no", **headers)

    return asked, handle


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_asked_again_with_growing_pauses(status: int) -> None:
    asked, handle = counting([status, status, status, 200])
    pauses: list[float] = []
    with serve(handle) as url, GatewayStore(url, pause=pauses.append) as remote:
        assert remote.get_block(CID) == CONTENT
    assert asked == [status, status, status, 200]
    assert pauses == [0.1, 0.2, 0.4]


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_what_will_not_pass_is_asked_once(status: int) -> None:
    asked, handle = counting([status, 200])
    kind = BlobNotFound if status in (404, 410) else StoreUnavailable
    with serve(handle) as url, GatewayStore(url) as remote, pytest.raises(kind):
        remote.get_block(CID)
    assert asked == [status]


def test_a_server_s_own_pause_is_kept_within_a_bound() -> None:
    pauses: list[float] = []
    asked, handle = counting([429, 200], Retry_After="7")
    with serve(handle) as url, GatewayStore(url, pause=pauses.append) as remote:
        assert remote.get_block(CID) == CONTENT
    assert pauses == [7.0]
    for too_long in ("11", "3600", "9" * 400):
        asked, handle = counting([429, 200], Retry_After=too_long)
        with (
            serve(handle) as url,
            GatewayStore(url, pause=pauses.append) as remote,
            pytest.raises(StoreUnavailable, match="429"),
        ):
            remote.get_block(CID)
        assert asked == [429]
    assert pauses == [7.0]


def test_a_gateway_that_always_errs_is_soon_asked_once_a_block_only() -> None:
    asked, handle = counting([200])
    with serve(handle) as url, GatewayStore(url, pause=lambda seconds: None) as remote:
        counts = []
        for number in range(4):
            before = len(asked)
            with pytest.raises(BlobCorrupted):
                remote.get_block(Cid(RAW, bytes([number]) * 32))
            counts.append(len(asked) - before)
        assert counts == [5, 5, 1, 1]
        assert remote.get_block(CID) == CONTENT


def redirecting(to: str, times: int) -> Handling:
    """Returns a handling that redirects so often, then answers."""

    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        step = int(request.path.rpartition("step=")[2]) if "step=" in request.path else 0
        if step < times:
            answer(request, 302, b"moved", Location=f"{to}?step={step + 1}")
        else:
            answer(request, 200, CONTENT)

    return handle


def test_redirects_are_followed_five_times_at_most() -> None:
    with serve(redirecting("/elsewhere", 5)) as url, GatewayStore(url) as remote:
        assert remote.get_block(CID) == CONTENT
    with (
        serve(redirecting("/elsewhere", 6)) as url,
        GatewayStore(url) as remote,
        pytest.raises(StoreUnavailable, match="more than 5 times"),
    ):
        remote.get_block(CID)


def test_a_redirect_leads_to_another_server() -> None:
    with (
        serve(redirecting("", 0)) as there,
        serve(redirecting(there, 1)) as url,
        GatewayStore(url) as remote,
    ):
        for _ in range(2):
            assert remote.get_block(CID) == CONTENT


@pytest.mark.parametrize("to", ["ftp://127.0.0.1/a", "file:///etc/passwd", "http://[::1"])
def test_a_redirect_to_something_else_is_refused(to: str) -> None:
    with (
        serve(redirecting(to, 1)) as url,
        GatewayStore(url) as remote,
        pytest.raises(StoreUnavailable, match="redirected to"),
    ):
        remote.get_block(CID)


def test_a_gateway_that_lacked_blocks_is_asked_for_the_next_as_often_as_before() -> None:
    answers = iter([(404, b""), (410, b""), (503, b""), (200, CONTENT)])

    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        answer(request, *next(answers))

    with serve(handle) as url, GatewayStore(url, pause=lambda seconds: None) as remote:
        for _ in range(2):
            with pytest.raises(BlobNotFound, match="does not have it"):
                remote.get_block(CID)
        assert remote.get_block(CID) == CONTENT


@pytest.fixture
def proxied(monkeypatch: pytest.MonkeyPatch) -> str:
    """An environment whose proxy is a port where nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{unused.getsockname()[1]}"
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy)
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return proxy


def test_a_node_on_this_machine_is_not_asked_through_a_proxy(proxied: str) -> None:
    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        answer(request, 200, CONTENT)

    with serve(handle) as url:
        port = url.rpartition(":")[2]
        for address in (url, url.upper(), f"http://localhost:{port}", f"gateway+{url}"):
            with open_store(address) as store:
                assert store.get_block(CID) == CONTENT


def test_addresses_in_capitals_and_with_bad_ports_are_told_apart() -> None:
    with open_store("HTTP://127.0.0.1:1") as node, open_store("Gateway+HTTPS://a.example") as far:
        assert isinstance(node, IpfsStore)
        assert isinstance(far, GatewayStore)
    for address in ("http://127.0.0.1:99999", "gateway+http://a:b", "gateway+http://[::1"):
        with pytest.raises(ConfigError, match="expected"):
            open_store(address)
