"""`tally version`."""

from __future__ import annotations

from typing import Any

import click

from registry.cli.options import Session, session_options
from registry.cli.output import (
    Column,
    address_column,
    date_column,
    digest_column,
    number_column,
)
from registry.errors import ConfigError
from registry.storage import Cid
from registry.types import ZERO_ID, Version
from registry.usecases.history_words import HistoryKind
from registry.usecases.references import parse_reference

__all__ = ["version"]

_COLUMNS: list[str | Column] = [
    number_column("version"),
    date_column("published"),
    "status",
    "reason",
    "licence",
    digest_column("cid"),
    address_column("publisher"),
]


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
        published = {
            entry.told.version: entry.time
            for entry in client.history(name)
            if entry.told.kind is HistoryKind.VERSION and entry.told.published
        }
        records = [_record(v, published[v.number]) for v in client.versions(name)]
    session.output.records(_COLUMNS, records, f"{name} has no version yet")


def _record(version: Version, published: int) -> dict[str, Any]:
    """Returns a version as scripts get it; `published` in seconds since 1970."""
    content = version.content
    return {
        "version": version.number,
        "published": published,
        "status": version.status.name.lower(),
        "reason": version.reason or None,
        "cid": str(Cid(content.codec, content.digest)),
        "licence": version.licence or None,
        "round": version.round_id if version.round_id != ZERO_ID else None,
        "publisher": version.publisher,
        "block": version.block_number,
    }


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
