"""Starts a development chain as a child process on loopback and stops it again."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from registry.devnet.processes import (
    answers,
    check_free,
    child_environment,
    end_with_this_process,
    listens,
)
from registry.errors import ConfigError, NodeUnavailable

__all__ = ["ChainProcess", "find_command", "start_anvil", "start_ganache"]

_MNEMONIC = "test test test test test test test test test test test junk"


def find_command(name: str) -> str | None:
    """Returns the path of a chain tool: beside the interpreter, in node_modules, or on PATH."""
    beside = Path(sys.executable).parent / name
    if beside.exists():
        return str(beside)
    for folder in (Path.cwd(), *Path.cwd().parents):
        for place in (
            folder / "node_modules" / "@foundry-rs" / f"{name}-linux-amd64" / "bin" / name,
            folder / "node_modules" / ".bin" / name,
        ):
            if place.exists():
                return str(place)
    return shutil.which(name)


def free_port() -> int:
    """Returns a port on loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class ChainProcess:
    """A running development chain; leaving the `with` block ends it."""

    process: subprocess.Popen[bytes]
    url: str

    def __enter__(self) -> ChainProcess:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the process that was started, and no other."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, name: str) -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if process.poll() is not None:
            raise NodeUnavailable(
                f"{name} ended at once with code {process.returncode}; is port {port} taken?"
            )
        # Who answers may be somebody else, whose chain isn't ours to use.
        if listens(process.pid, port) is not False and answers(port, timeout=2):
            return
        time.sleep(0.02)
    process.terminate()
    raise NodeUnavailable(f"{name} did not answer at port {port} of 127.0.0.1 within 30 s")


def _start(name: str, arguments: list[str], port: int) -> ChainProcess:
    command = find_command(name)
    if command is None:
        raise ConfigError(f"{name} is not installed; run `make setup`, or see `tally doctor`")
    check_free(port)
    process = subprocess.Popen(
        [command, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=child_environment(os.environ),
        start_new_session=True,  # Ctrl-C reaches us first, and we end it in order
        preexec_fn=end_with_this_process(),
    )
    try:
        _wait_until_ready(process, port, name)
    except BaseException:
        ChainProcess(process, "").stop()
        raise
    return ChainProcess(process, f"http://127.0.0.1:{port}")


def start_anvil(
    port: int = 0,
    chain_id: int = 31337,
    accounts: int = 10,
    *extra: str,
    hardfork: str = "shanghai",
) -> ChainProcess:
    """Starts Anvil on loopback; port 0 takes a free one.

    Raises:
        ConfigError: Anvil isn't installed, or something listens on the port already.
        NodeUnavailable: it didn't start.
    """
    chosen = port or free_port()
    arguments = ["--host", "127.0.0.1", "--port", str(chosen), "--chain-id", str(chain_id)]
    arguments += ["--accounts", str(accounts), "--hardfork", hardfork, "--silent", *extra]
    arguments += ["--mnemonic", _MNEMONIC]
    return _start("anvil", arguments, chosen)


def start_ganache(port: int = 0, chain_id: int = 1337, accounts: int = 10) -> ChainProcess:
    """Starts Ganache on loopback; port 0 takes a free one."""
    chosen = port or free_port()
    arguments = ["--server.host", "127.0.0.1", "--server.port", str(chosen)]
    arguments += ["--chain.chainId", str(chain_id), "--wallet.totalAccounts", str(accounts)]
    arguments += ["--wallet.mnemonic", _MNEMONIC, "--chain.hardfork", "shanghai", "--logging.quiet"]
    return _start("ganache", arguments, chosen)
