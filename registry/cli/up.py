"""`tally up`: a local network for development."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import click

from registry.cli.output import Output
from registry.config import NETWORK_FILE
from registry.devnet import DEV_KEYS, start_network
from registry.errors import ConfigError
from registry.signing import LocalSigner

__all__ = ["up"]


@click.command()
@click.option("--ipfs", help="`kubo` starts a Kubo node; an RPC address uses that node.")
@click.option("--port", default=0, help="The chain's port; 0 takes a free one.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def up(ipfs: str | None, port: int, as_json: bool) -> None:
    """Start a local chain (Anvil) and storage; stop both on Ctrl-C.

    The addresses are written to .tally/network.json, where commands run in this folder find them.
    """
    output = Output(as_json)
    if NETWORK_FILE.exists():
        raise ConfigError(
            f"{NETWORK_FILE} exists: a network runs here already; if it doesn't, delete the file"
        )
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    folder = Path(".tally").resolve()
    folder.mkdir(exist_ok=True)
    with start_network(folder, ipfs, port) as network:
        where = {"rpc": network.rpc, "storage": network.storage}
        NETWORK_FILE.write_text(json.dumps(where))
        try:
            first = LocalSigner.from_key(DEV_KEYS[0]).address
            text = (
                f"chain    {network.rpc}\nstorage  {network.storage}\n"
                f"account  {first} (development key, funded: export TALLY_KEY={DEV_KEYS[0]})\n"
                "Next: tally deploy. Ctrl-C stops the network."
            )
            output.result({**where, "account": first}, text)
            stop.wait()
        finally:
            NETWORK_FILE.unlink(missing_ok=True)
    output.line("stopped")
