"""`tally access`."""

from __future__ import annotations

import time

import click

from registry.cli.log import ENTRY_COLUMNS, entry_record
from registry.cli.options import ADDRESS, Session, session_options
from registry.cli.output import address_column, date_column
from registry.cli.public_keys import public_key_bytes
from registry.errors import ConfigError
from registry.types import ZERO_ID, Visibility
from registry.usecases.history_words import HistoryKind

__all__ = ["access"]

_MOST_DAYS = 36_500  # a hundred years; without an end there is leaving the option out


@click.group()
def access() -> None:
    """Who may read a private model."""


@access.command()
@click.argument("name")
@click.argument("user", type=ADDRESS)
@click.option("--public-key", help="The user's public key, from their `tally account show`.")
@click.option("--days", type=int, help="End the grant after so many days.")
@session_options
def grant(session: Session, name: str, user: str, public_key: str | None, days: int | None) -> None:
    """Give USER access to a model; with --public-key also the key that opens its content."""
    if days is not None and not 0 < days <= _MOST_DAYS:
        raise ConfigError(f"--days: expected a number above 0, at most {_MOST_DAYS}, got {days}")
    with session.client() as client:
        if public_key is None and client.model(name).visibility is Visibility.PRIVATE:
            session.output.line(
                "note: without --public-key the user may read, but cannot decrypt, the content"
            )
        now = max(client.connection.gateway.timestamp(), int(time.time()))
        expiry = now + days * 86_400 if days else 0
        key = None if public_key is None else public_key_bytes(public_key)
        client.grant(name, user, key, expiry)
    data = {"user": user, "expiry": expiry, "key": public_key is not None}
    session.output.result(data, f"{user} may read {name}")


@access.command()
@click.argument("name")
@click.argument("user", type=ADDRESS)
@session_options
def revoke(session: Session, name: str, user: str) -> None:
    """End USER's access to a model.

    The model's key stays the same: whoever was granted it can still decrypt what is published
    later, if it gets hold of the ciphertext. Publish under another name to shut it out.
    """
    with session.client() as client:
        client.revoke(name, user)
        private = bool(client.revoked_readers(name))
    lines = [f"{user} may no longer read {name}"]
    if private:
        lines.append(
            f"{user} keeps the key it was granted: it can decrypt later versions of {name} too; "
            "publish under another name to shut it out"
        )
    session.output.result({"user": user, "keepsKey": private}, lines)


@access.command("list")
@click.argument("name")
@session_options
def list_grants(session: Session, name: str) -> None:
    """List a model's grants."""
    with session.reader() as client:
        rows = [
            [
                g.user,
                g.expiry or None,
                g.wrapped_key_digest != ZERO_ID,
                client.has_access(name, g.user),
            ]
            for g in client.grants(name)
        ]
    session.output.rows(
        [address_column("user"), date_column("expiry"), "key", "access"],
        rows,
        f"{name} has no grant",
    )


@access.command()
@click.argument("name")
@session_options
def history(session: Session, name: str) -> None:
    """Show who was given access to a model, and whose ended: when, and by whom."""
    with session.reader() as client:
        entries = client.history(name)
    records = [entry_record(e) for e in entries if e.told.kind is HistoryKind.ACCESS]
    columns = [*ENTRY_COLUMNS[:3], date_column("until")]
    session.output.records(columns, records, f"nobody was ever given access to {name}")
