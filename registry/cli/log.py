"""`tally log`: all that happened to a model, with dates, who and why (M-13)."""

from __future__ import annotations

from typing import Any

import click

from registry.cli.moments import MOMENT, Moment
from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, date_column
from registry.errors import ConfigError
from registry.usecases.history_words import HistoryKind
from registry.usecases.model_history import HistoryEntry

__all__ = ["ENTRY_COLUMNS", "entry_record", "log"]

ENTRY_COLUMNS: list[str | Column] = [date_column("time"), address_column("who"), "what", "why"]


@click.command()
@click.argument("model_name", metavar="NAME")
@click.option("--since", type=MOMENT, help="Leave out what was before this date (UTC).")
@click.option("--until", type=MOMENT, help="Leave out what was after this date (UTC).")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([str(kind) for kind in HistoryKind]),
    help="Only entries of this kind.",
)
@session_options
def log(
    session: Session,
    model_name: str,
    since: Moment | None,
    until: Moment | None,
    kinds: tuple[str, ...],
) -> None:
    """Show all that happened to a model: when, who, what and why. Nothing ever leaves it.

    WHO is the account that the contract names, else the one that signed the transaction.
    """
    if since is not None and until is not None and until.end <= since.first:
        raise ConfigError("--until: expected a date that isn't before --since; exchange the two")
    with session.reader() as client:
        entries = client.history(model_name)
    chosen = [
        entry_record(entry)
        for entry in entries
        if (since is None or entry.time >= since.first)
        and (until is None or entry.time < until.end)
        and (not kinds or entry.told.kind in kinds)
    ]
    session.output.records(ENTRY_COLUMNS, chosen, f"nothing of that happened to {model_name}")


def entry_record(entry: HistoryEntry) -> dict[str, Any]:
    """Returns an entry as scripts get it."""
    told = entry.told
    return {
        "time": entry.time,
        "who": entry.who or None,
        "kind": str(told.kind),
        "what": told.what,
        "why": told.why or None,
        "version": told.version,
        "channel": told.channel,
        "previous": told.previous,
        "user": told.user,
        "until": told.until,
        "roundId": told.round_id,
        "block": entry.block_number,
        "transaction": entry.transaction_hash,
    }
