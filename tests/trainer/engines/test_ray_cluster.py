"""Training on a Ray cluster that somebody else started: joined by its address, and left running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from memory_federation import Federation, published_by

from registry.errors import ConfigError
from trainer.engines.ray import RayEngine
from trainer.training.client import module_training

QUIET_AND_LOCAL = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short path: Ray's sockets lie in it."""
    with tempfile.TemporaryDirectory(prefix="ray-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def cluster(short_folder: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A head node on loopback, in a process group of its own: its address and its process."""
    address = f"127.0.0.1:{free_port()}"
    words = ["start", "--head", "--block", "--num-cpus=2", "--include-dashboard=false"]
    words += ["--node-ip-address=127.0.0.1", f"--port={address.partition(':')[2]}"]
    # As this process has it: another one may have made this user a token since.
    mode = os.environ.get("RAY_AUTH_MODE", "disabled")
    head = subprocess.Popen(
        [str(Path(sys.executable).parent / "ray"), *words, f"--temp-dir={short_folder}"],
        env={**os.environ, **QUIET_AND_LOCAL, "RAY_AUTH_MODE": mode, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert head.stdout is not None
        told = []
        for line in head.stdout:
            told.append(line)
            if "--block" in line:
                break
        assert head.poll() is None, "".join(told)
        yield address, head
    finally:
        os.killpg(head.pid, signal.SIGKILL)
        head.wait()
        assert head.stdout is not None
        head.stdout.close()


def test_a_running_cluster_is_joined_by_its_address_and_left_running(
    federation: Federation, tmp_path: Path, cluster: tuple[str, subprocess.Popen[str]]
) -> None:
    address, head = cluster
    here = federation.round([federation.participant(i) for i in range(2)], seats(federation))
    (tmp_path / "there").mkdir()
    there = type(federation)(tmp_path / "there")
    with RayEngine(address, cpus=0.5) as engine:
        make = [partial(module_training, there.model(), there.data(i, 40 + 10 * i)) for i in (0, 1)]
        people = [there.participant(i, engine.training(make[i])) for i in (0, 1)]
        coordinator = there.coordinator()
        round_id = coordinator.open(seats(there), there.document)
        result = engine.run(coordinator, people, there.clock, round_id)
    assert published_by(result).content_digest == published_by(here).content_digest
    assert head.poll() is None
    listening = listened_to(psutil.Process(head.pid).children(recursive=True))
    assert listening
    assert all(place in ("127.0.0.1", "::1", "::ffff:127.0.0.1") for place in listening)


def listened_to(processes: list[psutil.Process]) -> set[str]:
    """Where processes listen; one that has ended meanwhile listens nowhere."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            connections = process.connections("inet")
            found |= {c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN}
    return found


def test_where_no_cluster_is_it_is_said() -> None:
    address = f"127.0.0.1:{free_port()}"
    with pytest.raises(ConfigError, match=f"no Ray cluster at {address}"):
        RayEngine(address)


def seats(federation: Federation) -> Any:
    """Terms of a round for two."""
    return federation.terms(maximum_participants=2)
