"""What a chain tool is started with, and whether it is the one that answers on a port.

Nothing of ours reaches it but what it needs: no key, no password, no proxy. On Linux it ends when
the process that started it ends in whatever way, and a port is known to be its own.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path

from registry.errors import ConfigError

__all__ = ["answers", "check_free", "child_environment", "end_with_this_process", "listens"]

_KEPT = ("PATH", "HOME", "USER", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")
_PR_SET_PDEATHSIG = 1
_LISTENING = "0A"
_LARGEST_ANSWER = 65_536


def child_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Returns what a tool gets of an environment: where programs and its home are, no secret."""
    return {name: environment[name] for name in _KEPT if name in environment} | {"NO_COLOR": "1"}


def check_free(port: int) -> None:
    """Refuses a port of 127.0.0.1 on which something listens already.

    Raises:
        ConfigError: it is taken, or it may not be used.
    """
    with socket.socket() as probe:
        # As chain tools do: a connection that ended a moment ago keeps no port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise ConfigError(
                f"port {port} of 127.0.0.1 can't be had ({error.strerror}): stop what listens "
                "there, or give another port; 0 takes a free one"
            ) from error


def end_with_this_process() -> Callable[[], None] | None:
    """Returns what a child does before it becomes its program; None where there is no way.

    The system then terminates the child when the thread that started it is gone, by a kill too.
    """
    if sys.platform != "linux":
        return None
    # Looked up before the fork: afterwards the child calls into C and does nothing else.
    prctl, parent = ctypes.CDLL(None).prctl, os.getpid()

    def prepare() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # it ended before the request

    return prepare


def answers(port: int, timeout: float) -> bool:
    """Tells whether a JSON-RPC node answers on a port of 127.0.0.1, through no proxy."""
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []}).encode()
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    try:
        with closing(socket.create_connection(("127.0.0.1", port), timeout)) as connection:
            connection.sendall(head.encode() + body)
            said = b""
            while (part := connection.recv(4096)) and len(said) < _LARGEST_ANSWER:
                said += part
    except OSError:
        return False
    return said.startswith(b"HTTP/1.") and b'"result"' in said


def listens(child: int, port: int) -> bool | None:
    """Tells whether a child, or what it started in its session, listens on a port of 127.0.0.1.

    Args:
        child: the id of a process that leads a session.
        port: of TCP.

    Returns:
        None where the system doesn't show it.
    """
    try:
        table = Path("/proc/net/tcp").read_text().splitlines()[1:]
    except OSError:
        return None
    wanted = f"0100007F:{port:04X}"
    rows = (line.split() for line in table)
    sockets = {f"socket:[{row[9]}]" for row in rows if row[1] == wanted and row[3] == _LISTENING}
    return any(held in sockets for pid in _session(child) for held in _open_files(pid))


def _session(leader: int) -> Iterator[int]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError):
                if os.getsid(int(entry.name)) == leader:
                    yield int(entry.name)


def _open_files(pid: int) -> Iterator[str]:
    with suppress(OSError):
        for entry in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):
                yield os.readlink(entry)
