"""`tally channel`."""

from __future__ import annotations

import click

from registry.cli.options import Session, session_options
from registry.cli.output import number_column

__all__ = ["channel"]


@click.group()
def channel() -> None:
    """Movable names for versions, e.g. production."""


@channel.command("set")
@click.argument("name")
@click.argument("channel_name", metavar="CHANNEL")
@click.argument("number", type=int, metavar="VERSION")
@session_options
def set_channel(session: Session, name: str, channel_name: str, number: int) -> None:
    """Point CHANNEL of a model at VERSION."""
    with session.client() as client:
        client.set_channel(name, channel_name, number)
    data = {"channel": channel_name, "version": number}
    session.output.result(data, f"{name}@{channel_name} is version {number}")


@channel.command()
@click.argument("name")
@session_options
def history(session: Session, name: str) -> None:
    """Show what each channel pointed to, oldest first."""
    with session.reader() as client:
        rows = [[c.name, c.number, list(c.history)] for c in client.channels(name) if c.history]
    session.output.rows(
        ["channel", number_column("version"), "history"], rows, f"{name} has no channel"
    )


@channel.command()
@click.argument("name")
@click.argument("channel_name", metavar="CHANNEL")
@session_options
def rollback(session: Session, name: str, channel_name: str) -> None:
    """Point CHANNEL back at the newest version before that isn't yanked (M-7)."""
    with session.client() as client:
        client.roll_back(name, channel_name)
        number = client.version(f"{name}@{channel_name}").number
    data = {"channel": channel_name, "version": number}
    session.output.result(data, f"{name}@{channel_name} is version {number} again")
