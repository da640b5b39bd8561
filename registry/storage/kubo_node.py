"""A real Kubo node in a process of its own, on loopback, for tests and demonstrations.

`python -m registry.storage.kubo_node --repo DIR --api-port 0` prints one line of JSON when it is
ready: `{"api": "http://127.0.0.1:…", "peer": "/ip4/127.0.0.1/tcp/…/p2p/…"}`. It ends on SIGTERM or
SIGINT, and with `--with-parent` when its standard input closes, so that it can't outlive whoever
started it. Python code starts it by `registry.storage.start_kubo`.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from registry.errors import TallystickError
from registry.storage.kubo_library import KuboLibrary
from registry.storage.kubo_rpc import make_server

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Runs a node until it is told to end."""
    parser = argparse.ArgumentParser(description="Run a Kubo node on loopback.")
    parser.add_argument("--repo", type=Path, required=True, help="the node's folder")
    parser.add_argument("--api-port", type=int, default=0, help="0 for a free one")
    parser.add_argument("--swarm-port", type=int, default=0, help="0 for a free one")
    parser.add_argument("--with-parent", action="store_true", help="end when stdin closes")
    options = parser.parse_args(arguments)
    library = KuboLibrary(options.repo.resolve())
    library.start(options.swarm_port)
    server = make_server(library, options.api_port)

    def end(*_: Any) -> None:
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    if options.with_parent:
        threading.Thread(target=_wait_for_parent, args=(end,), daemon=True).start()
    peer = f"{library.addresses()[0]}/p2p/{library.peer_id()}"
    ready = {"api": f"http://127.0.0.1:{server.server_address[1]}", "peer": peer}
    print(json.dumps(ready), flush=True)
    server.serve_forever(poll_interval=0.1)
    library.stop()
    sys.stdout.flush()
    os._exit(0)  # Go's threads would hold an ordinary exit up


def _wait_for_parent(end: Callable[[], None]) -> None:
    sys.stdin.read()
    end()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except TallystickError as problem:
        sys.exit(str(problem))
