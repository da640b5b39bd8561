"""A loopback proxy before a node: it counts HTTP requests, and delays each by a latency."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import requests

__all__ = ["CountedNode"]


class CountedNode:
    """Passes bodies on as they are.

    Args:
        target: the node's address.
        latency: seconds that each request waits.
    """

    def __init__(self, target: str, latency: float = 0.0) -> None:
        self.requests = 0
        node, session, lock = self, requests.Session(), threading.Lock()
        session.trust_env = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(latency)
                with lock:
                    node.requests += 1
                    told = session.post(
                        target, data=body, headers={"Content-Type": "application/json"}, timeout=60
                    )
                self.send_response(told.status_code)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(told.content)))
                self.end_headers()
                self.wfile.write(told.content)

            def log_message(self, format: str, *arguments: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
