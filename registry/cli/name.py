"""`tally name`: what short names mean to this user (M-11)."""

from __future__ import annotations

import click

from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, date_column, digest_column
from registry.errors import ConfigError

__all__ = ["name"]


@click.group()
def name() -> None:
    """What short names mean: each is settled at its first use, for no stranger to change.

    Anybody may register any name. OWNER/NAME means the same to everybody; NAME alone means what it
    meant when you first used it here, until you say otherwise.
    """


@name.command("list")
@session_options
def list_names(session: Session) -> None:
    """List the names that were used here, and whose models they mean."""
    with session.reader() as client:
        rows = [[p.slug, p.owner, p.since, p.model_id] for p in client.names.pins.all()]
    headings: list[str | Column] = [
        "name",
        address_column("owner"),
        date_column("since"),
        digest_column("modelId"),
    ]
    session.output.rows(headings, rows, "no name was used here yet; see `tally model list`")


@name.command()
@click.argument("whole", metavar="OWNER/NAME")
@session_options
def pin(session: Session, whole: str) -> None:
    """Let NAME mean OWNER's model from now on."""
    with session.client() as client:
        reference = client.names.reference(whole)
        if reference.owner is None and reference.model_id is None:
            raise ConfigError(f"expected OWNER/NAME or a model's id, got {whole!r}")
        settled = client.names.settle(client.model(whole))
    data = {"name": settled.slug, "owner": settled.owner, "modelId": settled.model_id}
    session.output.result(data, f"{settled.slug} means {settled.owner}/{settled.slug}")


@name.command()
@click.argument("slug", metavar="NAME")
@session_options
def forget(session: Session, slug: str) -> None:
    """Forget what NAME means; its next use settles it anew."""
    with session.reader() as client:
        if not client.names.pins.forget(slug):
            raise ConfigError(f"{slug!r} is no name that was used here; see `tally name list`")
    session.output.result({"name": slug}, f"{slug} means nothing here until it is used again")
