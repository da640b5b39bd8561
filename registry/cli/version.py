"""`tally version`."""

from __future__ import annotations

from typing import Any

import click

from registry.cli.options import Session, session_options
from registry.cli.output import Column, address_column, digest_column, number_column
from registry.errors import ConfigError
from registry.storage import Cid
from registry.types import ZERO_ID
from registry.usecases.references import parse_reference

__all__ = ["version"]


class _ExactType(click.ParamType[str]):
    """One version by its number or a channel; a bare name would mean whichever is newest."""

    name = "version"

    def convert(
        self, value: Any, parameter: click.Parameter | None, context: click.Context | None
    ) -> str:
        """Returns the name as it is.

        Raises:
            ConfigError: it doesn't say which version.
        """
        reference = parse_reference(value)
        if reference.number is None and reference.channel is None:
            raise ConfigError(
                f"expected NAME:version or NAME@channel, got {value!r}; "
                f"which version? See tally version list {value}"
            )
        return str(value)


_EXACT = _ExactType()


@click.group()
def version() -> None:
    """Versions of a model."""


@version.command("list")
@click.argument("name")
@session_options
def list_versions(session: Session, name: str) -> None:
    """List a model's versions."""
    with session.reader() as client:
        rows = [
            [
                v.number,
                v.status.name.lower(),
                str(Cid(v.content.codec, v.content.digest)),
                v.licence or None,
                v.round_id if v.round_id != ZERO_ID else None,
                v.publisher,
                v.block_number,
            ]
            for v in client.versions(name)
        ]
    headings: list[str | Column] = [
        number_column("version"),
        "status",
        digest_column("cid"),
        "licence",
        digest_column("round"),
        address_column("publisher"),
        number_column("block"),
    ]
    session.output.rows(headings, rows, f"{name} has no version yet")


@version.command()
@click.argument("name", type=_EXACT)
@click.option("--reason", default="", help="Why, for those who use it.")
@session_options
def deprecate(session: Session, name: str, reason: str) -> None:
    """Advise against NAME:version or NAME@channel."""
    with session.client() as client:
        client.deprecate(name, reason)
    session.output.result({"version": name, "status": "deprecated"}, f"{name} is deprecated")


@version.command("yank")
@click.argument("name", type=_EXACT)
@click.option("--reason", required=True, help="Why it is withdrawn.")
@session_options
def yank_version(session: Session, name: str, reason: str) -> None:
    """Withdraw NAME:version or NAME@channel: fetching it is refused."""
    with session.client() as client:
        client.yank(name, reason)
    session.output.result({"version": name, "status": "yanked"}, f"{name} is yanked")


@version.command()
@click.argument("name", type=_EXACT)
@session_options
def restore(session: Session, name: str) -> None:
    """Make NAME:version or NAME@channel active again."""
    with session.client() as client:
        client.restore(name)
    session.output.result({"version": name, "status": "active"}, f"{name} is active")
