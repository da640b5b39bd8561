"""A small HTTP server before a real node, which answers as a test says where a test says so."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import requests

__all__ = ["DROP", "LyingNode", "Reply"]


@dataclass(frozen=True)
class Reply:
    """One HTTP answer as it is; `trickle` seconds pass between its bytes."""

    body: bytes = b""
    status: int = 200
    trickle: float = 0.0


DROP = Reply(status=0)  # the connection is closed instead of an answer

Around = Callable[[str, list[Any], Callable[[], Any]], Any]


class LyingNode:
    """Passes requests on to a node, unless `around` answers them.

    Args:
        target: the node's address.
        around: given method, parameters and a function that asks the node; returns the JSON
            result, a `Reply`, or a dict with the key `error` for a JSON-RPC error.
    """

    def __init__(self, target: str, around: Around) -> None:
        self.around = around
        self.batches: Callable[[list[Any]], Reply] | None = None
        self.calls: Counter[str] = Counter()
        self.closing = threading.Event()
        node, session = self, requests.Session()
        session.trust_env = False

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                asked = json.loads(body)
                if isinstance(asked, list) and node.batches is not None:
                    self.send(node.batches(asked))
                elif isinstance(asked, list):
                    told: Any = [node.one(session, target, one) for one in asked]
                    lies = [answer for answer in told if isinstance(answer, Reply)]
                    self.send(lies[0] if lies else _reply(told))
                else:
                    answer = node.one(session, target, asked)
                    self.send(answer if isinstance(answer, Reply) else _reply(answer))

            def send(self, reply: Reply) -> None:
                if reply is DROP:
                    self.close_connection = True
                    self.connection.close()
                    return
                self.send_response(reply.status)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                if not reply.trickle:
                    self.wfile.write(reply.body)
                    return
                for at in range(len(reply.body)):
                    try:
                        self.wfile.write(reply.body[at : at + 1])
                    except OSError:  # the client has left
                        return
                    if node.closing.wait(reply.trickle):
                        return

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)

    def one(self, session: requests.Session, target: str, asked: dict[str, Any]) -> Any:
        """Returns the JSON-RPC answer to one request, or the `Reply` that stands for it."""
        self.calls[asked["method"]] += 1

        def forward() -> Any:
            answer = session.post(target, json=asked, timeout=30).json()
            return {"error": answer["error"]} if "error" in answer else answer["result"]

        made = self.around(asked["method"], asked["params"], forward)
        if isinstance(made, Reply):
            return made
        told = made if isinstance(made, dict) and "error" in made else {"result": made}
        return {"jsonrpc": "2.0", "id": asked["id"], **told}

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.closing.set()
        self.server.shutdown()
        self.server.server_close()


def _reply(answer: Any) -> Reply:
    return Reply(json.dumps(answer).encode())
