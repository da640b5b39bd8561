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

from registry.cli.notices import notice
from registry.cli.output import Output
from registry.cli.shared_options import given_options, requested_output, shared_options
from registry.cli.usage import in_options
from registry.config import Settings, expanded, load_settings
from registry.errors import ConfigError
from registry.redaction import redacted_url

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


def _password(prompt: str) -> str:
    said = os.environ.get("TALLY_PASSWORD")
    if said is not None:
        return said
    require_terminal()
    typed: str = click.prompt(prompt, hide_input=True, err=True)
    return typed


_OF_SETTINGS = {"rpc", "storage", "deployments", "keystore", "confirmations", "max_fee", "again"}


@dataclass
class Session:
    """What a command was asked to work with."""

    settings: Settings
    output: Output
    keystore: Path | None = None

    def signer(self) -> Signer | None:
        """Returns the key to sign with, or None if none was given.

        The option's keystore goes before the environment's key or keystore, and these before the
        settings file's. A keystore's password comes from TALLY_PASSWORD or from a prompt, never
        from an option: other users of a machine can read a process's arguments.
        """
        from registry.signing import signer_from_environment, signer_from_keystore

        environment = os.environ
        if self.keystore is None and environment.get("TALLY_KEY"):
            return signer_from_environment(environment)
        path = self.keystore or self.settings.keystore
        if path is None:
            return None
        path = Path(expanded(str(path)))
        if not path.is_file():
            return signer_from_keystore(path, "")  # which says what is wrong with it
        return signer_from_keystore(path, _password(f"Password of {path.name}"))

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
            client.names.tell = notice
        _tell_what_is_used(client, self.settings)
        return _told_of_successor(client)


def _tell_what_is_used(client: RegistryClient, settings: Settings) -> None:
    """Tells, with --verbose, which chain, deployment, storage and account a command works with."""
    connection = client.connection
    registry = connection.deployment.address("ModelRegistry")
    used = (
        f"chain {connection.gateway.chain_id} at {redacted_url(settings.rpc)}",
        f"registry {registry} of {settings.deployments}",
        "storage " + ",".join(map(redacted_url, settings.storage.split(","))),
        f"account {client.account or 'none'}",
    )
    notice("; ".join(used), verbose_only=True)


def _told_of_successor(client: RegistryClient) -> RegistryClient:
    """Returns the client; says in one line on standard error if another registry succeeds its."""
    successor = client.connection.successor()
    if successor:
        registry = client.connection.deployment.address("ModelRegistry")
        notice(f"registry {successor} succeeds {registry}; get its deployment's file")
    return client


def _name_options(error: ConfigError) -> None:
    """Names options in a message that named the Python interface's."""
    error.args = (in_options(str(error), click.get_current_context().command),)


def session_options(command: F) -> F:
    """Adds the shared options to a command, which gets them as one `Session` first."""

    @functools.wraps(command)
    def wrapped(**arguments: Any) -> Any:
        output, given = requested_output(), given_options()
        confirmations: int | None = given.get("confirmations")
        if confirmations is not None and confirmations < 0:
            raise ConfigError(f"--confirmations: expected 0 or more, got {confirmations}")
        settings = load_settings(**{name: given[name] for name in _OF_SETTINGS & given.keys()})
        try:
            return command(Session(settings, output, given.get("keystore")), **arguments)
        except ConfigError as error:
            _name_options(error)
            raise

    return shared_options(wrapped)  # type: ignore[return-value]


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
