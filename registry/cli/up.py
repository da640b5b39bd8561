"""`tally up`: a local network for development."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from registry.cli.output import Output
from registry.cli.shared_options import output_options, requested_output
from registry.cli.streams import drop
from registry.config import NETWORK_FILE
from registry.devnet import DEV_KEYS, Network, start_network
from registry.errors import ConfigError
from registry.redaction import redacted_url
from registry.signing import LocalSigner

__all__ = ["up"]

_LOCK_FILE = NETWORK_FILE.with_name("up.lock")
_SECRETS = ("TALLY_KEY", "TALLY_PASSWORD")
_LOOK_SECONDS = 1.0


@click.command()
@click.option("--ipfs", help="`kubo` starts a Kubo node; an RPC address uses that node.")
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    default=0,
    help="The chain's port; 0 takes a free one.",
)
@output_options
def up(ipfs: str | None, port: int) -> None:
    """Start a local chain (Anvil) and storage; stop both on Ctrl-C.

    The addresses are written to .tally/network.json, where commands run in this folder find them.
    """
    output = requested_output()
    stop = _stop_on_signals()
    for name in _SECRETS:
        os.environ.pop(name, None)  # what is started here signs nothing for us
    folder = Path(".tally").resolve()
    folder.mkdir(exist_ok=True)
    with _alone(), _removed(output), start_network(folder, ipfs, port) as network:
        _write_down(network)
        _tell(output, network)
        while not stop.wait(_LOOK_SECONDS):
            network.check()
    try:
        output.line("stopped")
    except OSError:
        drop(sys.stdout)  # the terminal is gone, which may be why it stops


def _stop_on_signals() -> threading.Event:
    """Returns what is set by Ctrl-C, a termination and a terminal that hangs up."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: stop.set())
    return stop


@contextmanager
def _alone() -> Iterator[None]:
    """Holds the folder's lock, which the system frees however this process ends.

    Raises:
        ConfigError: a network runs here already.
    """
    with _LOCK_FILE.open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"{NETWORK_FILE}: a network runs here already; stop it, or use another folder"
            ) from None
        yield


@contextmanager
def _removed(output: Output) -> Iterator[None]:
    """Removes the network's file before and after; what was killed has left it behind.

    Raises:
        ConfigError: the file is there and isn't from here.
    """
    if NETWORK_FILE.exists():
        if not _is_ours():
            raise ConfigError(
                f"{NETWORK_FILE} exists and wasn't written by `tally up`: move it away first"
            )
        output.line(f"{NETWORK_FILE} was left by a network that was killed; starting a new one")
        NETWORK_FILE.unlink()
    try:
        yield
    finally:
        NETWORK_FILE.unlink(missing_ok=True)


def _is_ours() -> bool:
    try:
        found = json.loads(NETWORK_FILE.read_bytes())
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "pid" in found


def _write_down(network: Network) -> None:
    """Writes where the network is, for this user alone: a storage's address may hold a key."""
    where = {"rpc": network.rpc, "storage": network.storage, "pid": os.getpid()}
    made = NETWORK_FILE.with_suffix(".new")
    made.unlink(missing_ok=True)
    made.touch(mode=0o600)
    made.write_text(json.dumps(where))
    made.replace(NETWORK_FILE)


def _tell(output: Output, network: Network) -> None:
    first = LocalSigner.from_key(DEV_KEYS[0]).address
    rpc, storage = redacted_url(network.rpc), redacted_url(network.storage)
    lines = [
        f"chain    {rpc}",
        f"storage  {storage}",
        f"account  {first} (development key, funded: export TALLY_KEY={DEV_KEYS[0]})",
        "Next: tally deploy. Ctrl-C stops the network.",
    ]
    output.result({"rpc": rpc, "storage": storage, "account": first}, lines)
