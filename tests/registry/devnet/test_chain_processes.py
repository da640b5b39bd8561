"""A chain that is started is ours, gets no secret, and doesn't outlive who started it."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.chain.gateway import connect
from registry.devnet import start_anvil
from registry.devnet.processes import answers, child_environment, listens
from registry.errors import ConfigError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    """A port on which somebody else listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_port_that_is_taken_is_refused_with_the_remedy(taken: int) -> None:
    with pytest.raises(ConfigError, match=f"port {taken} of 127.0.0.1 can't be had.*another port"):
        start_anvil(taken)


def test_a_port_belongs_to_who_listens_there(taken: int) -> None:
    with start_anvil() as chain:
        port = int(chain.url.rpartition(":")[2])
        assert listens(chain.process.pid, port) is True
        assert listens(chain.process.pid, taken) is False
        assert answers(port, timeout=2)


def test_no_key_password_or_proxy_reaches_a_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TALLY_KEY", "TALLY_PASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "s3cret")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    with start_anvil() as chain:
        seen = Path(f"/proc/{chain.process.pid}/environ").read_bytes()
    assert b"s3cret" not in seen
    assert b"proxy" not in seen
    assert b"PATH=" in seen
    assert child_environment({"PATH": "/bin", "TALLY_KEY": "k"}) == {
        "PATH": "/bin",
        "NO_COLOR": "1",
    }


def test_a_chain_ends_with_the_process_that_was_killed() -> None:
    code = (
        "from registry.devnet import start_anvil\n"
        "chain = start_anvil()\n"
        "print(chain.process.pid, chain.url, flush=True)\n"
        "input()\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with starter:
        assert starter.stdout is not None
        pid, url = starter.stdout.readline().split()
        assert connect(url).chain_id == 31337
        watched = os.pidfd_open(int(pid))
        starter.kill()
    assert select.select([watched], [], [], 20)[0], "the chain outlives who started it"
    os.close(watched)
