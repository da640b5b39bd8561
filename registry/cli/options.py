"""The options that commands share, each defined once, and what they open."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from registry.cli.output import Output
from registry.cli.terminal_text import inert
from registry.config import Settings, expanded, load_settings
from registry.errors import ConfigError

if TYPE_CHECKING:
    from registry.client import RegistryClient
    from registry.signing import Signer

__all__ = ["ADDRESS", "Session", "require_terminal", "session_options"]

F = TypeVar("F", bound=Callable[..., Any])


def require_terminal() -> None:
    """Refuses to ask for a password where nobody can type one unseen.

    Raises:
        ConfigError: standard input is no terminal.
    """
    if not sys.stdin or not sys.stdin.isatty():
        raise ConfigError("a password is needed: set TALLY_PASSWORD, or run this in a terminal")


@dataclass
class Session:
    """What a command was asked to work with."""

    settings: Settings
    output: Output
    keystore: Path | None = None

    def signer(self) -> Signer | None:
        """Returns the key to sign with, or None if none was given.

        A keystore's password comes from TALLY_PASSWORD or from a prompt, never from an option:
        other users of a machine can read a process's arguments.
        """
        from registry.signing import signer_from_environment, signer_from_keystore

        if self.keystore is None:
            named = expanded(os.environ.get("TALLY_KEYSTORE", ""))
            return signer_from_environment({**os.environ, "TALLY_KEYSTORE": named})
        password = os.environ.get("TALLY_PASSWORD")
        if password is None:
            require_terminal()
            password = click.prompt("Keystore password", hide_input=True, err=True)
        return signer_from_keystore(Path(expanded(str(self.keystore))), password)

    def client(self) -> RegistryClient:
        """Opens the registry, with a key if one was given.

        What the command sends is kept until it has ended well: one that fails after its transaction
        was mined finds it when it is run again.
        """
        client = self._opened(self.signer())
        if client.connection.sender is not None:
            client.connection.sender.hold()
        return client

    def reader(self) -> RegistryClient:
        """Opens the registry to read only."""
        return self._opened(None)

    def _opened(self, signer: Signer | None) -> RegistryClient:
        from registry.client import RegistryClient  # much to load, which help does without

        client = RegistryClient.open(self.settings, signer)
        if not self.output.as_json:
            client.names.tell = lambda line: click.echo(f"tally: {inert(line)}", err=True)
        return _told_of_successor(client)


def _told_of_successor(client: RegistryClient) -> RegistryClient:
    """Returns the client; says in one line on standard error if another registry succeeds its."""
    successor = client.connection.successor()
    if successor:
        registry = client.connection.deployment.address("ModelRegistry")
        told = f"tally: registry {successor} succeeds {registry}; get its deployment's file"
        click.echo(told, err=True)
    return client


_OPTIONS = (
    click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts."),
    click.option("--rpc", help="The chain's RPC address: http, ws or an IPC path. [TALLY_RPC]"),
    click.option("--storage", help="An IPFS node's RPC address, or a folder. [TALLY_STORAGE]"),
    click.option(
        "--deployments",
        type=click.Path(path_type=Path),
        help="The folder with <chainId>.json. [TALLY_DEPLOYMENTS]",
    ),
    click.option(
        "--keystore",
        type=click.Path(path_type=Path),
        help="A keystore-v3 file to sign with. [TALLY_KEYSTORE, or TALLY_KEY]",
    ),
    click.option(
        "--confirmations",
        type=int,
        help="Blocks to wait for on top of a transaction's, where blocks come by themselves. "
        "[TALLY_CONFIRMATIONS]",
    ),
    click.option("--max-fee", help="The most gwei per gas to offer. [TALLY_MAX_FEE]"),
    click.option(
        "--again", is_flag=True, help="Send also what an earlier run that was cut has sent."
    ),
)


def session_options(command: F) -> F:
    """Adds the shared options to a command, which gets them as one `Session` first."""

    @functools.wraps(command)
    def wrapped(
        as_json: bool,
        rpc: str | None,
        storage: str | None,
        deployments: Path | None,
        keystore: Path | None,
        confirmations: int | None,
        max_fee: str | None,
        again: bool,
        **arguments: Any,
    ) -> Any:
        if confirmations is not None and confirmations < 0:
            raise ConfigError(f"--confirmations: expected 0 or more, got {confirmations}")
        settings = load_settings(
            rpc=rpc,
            storage=storage,
            deployments=deployments,
            confirmations=confirmations,
            max_fee=max_fee,
            again=again,
        )
        return command(Session(settings, Output(as_json), keystore), **arguments)

    decorated: Any = wrapped
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


class _AddressType(click.ParamType[str]):
    """An account's address on the command line."""

    name = "address"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        """Returns the address with its checksum.

        Raises:
            ConfigError: it is no address, or its checksum is wrong.
        """
        from registry.addresses import parse_address

        return parse_address(value)


ADDRESS = _AddressType()
