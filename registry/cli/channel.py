"""`tally channel`."""

from __future__ import annotations

import click

from registry.cli.moments import MOMENT, Moment
from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, date_column, number_column

__all__ = ["channel"]

_PERIODS: list[str | Column] = [
    "channel",
    number_column("version"),
    date_column("since"),
    date_column("until"),
    address_column("who"),
    "how",
]


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
@click.argument("channel_name", metavar="[CHANNEL]", required=False)
@click.option("--on", "moment", type=MOMENT, help="Only what it pointed to at this date (UTC).")
@session_options
def history(session: Session, name: str, channel_name: str | None, moment: Moment | None) -> None:
    """Show what each channel pointed to: from when to when, and who put it there.

    A roll-back is listed like any other move.
    """
    with session.reader() as client:
        records = [
            {
                "channel": period.channel,
                "version": period.version,
                "since": period.since,
                "until": period.until,
                "who": period.who,
                "how": "rolled back" if period.rolled_back else "set",
            }
            for period in client.channel_history(name)
            if channel_name in (None, period.channel)
            and (moment is None or period.overlaps(moment.first, moment.end))
        ]
    then = "" if moment is None else " then"
    empty = f"{name} had no {'channel' if channel_name is None else channel_name}{then}"
    session.output.records(_PERIODS, records, empty)


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
