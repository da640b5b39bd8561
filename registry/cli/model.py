"""`tally model`."""

from __future__ import annotations

import click

from registry.addresses import ZERO_ADDRESS, parse_address
from registry.cli.options import ADDRESS, Session, session_options
from registry.cli.output import Column, address_column, number_column
from registry.cli.public_keys import public_key_bytes
from registry.types import Visibility

__all__ = ["model"]


@click.group()
def model() -> None:
    """Registered models."""


@model.command()
@click.argument("name")
@click.option("--private", is_flag=True, help="Only grantees may read it.")
@session_options
def register(session: Session, name: str, private: bool) -> None:
    """Register a model without a version yet."""
    with session.client() as client:
        made = client.register(name, Visibility.PRIVATE if private else Visibility.PUBLIC)
    shown = [f"registered {made.slug}", f"id 0x{made.model_id.hex()}"]
    session.output.result({"modelId": made.model_id, "owner": made.owner, "slug": made.slug}, shown)


@model.command("list")
@session_options
def list_models(session: Session) -> None:
    """List every model."""
    with session.reader() as client:
        state = client.state()
        rows = [
            [
                m.slug,
                m.owner,
                m.visibility.name.lower(),
                len(state.catalogue.versions_of(m.model_id)),
            ]
            for m in client.models()
        ]
    headings: list[str | Column] = [
        "name",
        address_column("owner"),
        "visibility",
        number_column("versions"),
    ]
    session.output.rows(headings, rows, "no model yet: tally publish PATH")


@model.command()
@click.argument("name")
@session_options
def show(session: Session, name: str) -> None:
    """Show a model: owner, publishers, versions, channels, rounds."""
    with session.reader() as client:
        found = client.model(name)
        channels = {c.name: c.number for c in client.channels(name) if c.history}
        versions = len(client.versions(name))
        rounds = len(client.rounds.of_model(found))
    pending = found.pending_owner if found.pending_owner != ZERO_ADDRESS else None
    data = {
        "modelId": found.model_id,
        "slug": found.slug,
        "owner": found.owner,
        "pendingOwner": pending,
        "visibility": found.visibility.name.lower(),
        "publishers": sorted(found.publishers),
        "versions": versions,
        "channels": channels,
        "rounds": rounds,
    }
    shown = {key: value for key, value in data.items() if value is not None}
    session.output.fields(data, shown)


@model.command()
@click.argument("name")
@click.argument("to", type=ADDRESS)
@click.option(
    "--public-key",
    help="TO's public key, from its `tally account show`, for a private model's key.",
)
@session_options
def transfer(session: Session, name: str, to: str, public_key: str | None) -> None:
    """Offer a model to the account TO, which accepts it with `tally model accept`.

    A private model's key goes along: TO can read it from the offer on, accepted or not.
    """
    with session.client() as client:
        key = None if public_key is None else public_key_bytes(public_key)
        client.transfer(name, to, key)
        private = client.model(name).visibility is Visibility.PRIVATE
    lines = [f"offered {name} to {to}; it takes effect when accepted"]
    if private:
        lines.append(f"{to} can read {name} from now on; `tally access revoke` ends that")
    session.output.result({"to": to, "maySeeContent": private}, lines)


@model.command()
@click.argument("name")
@session_options
def accept(session: Session, name: str) -> None:
    """Accept a model that was offered to this account."""
    with session.client() as client:
        before = client.accept(name)
        owner, keeps = client.account, before.visibility is Visibility.PRIVATE
    lines = [f"{before.slug} is now owned by {owner}"]
    if keeps:
        lines.append(
            f"{before.owner} keeps its key and its grant: it can read what is there and what you "
            f"publish under {before.slug}. `tally access revoke {before.slug} {before.owner}` ends "
            "the grant; only another name shuts the key out"
        )
    data = {"owner": owner, "formerOwner": before.owner, "formerOwnerKeepsKey": keeps}
    session.output.result(data, lines)


@model.command()
@click.argument("name")
@click.argument("account")
@click.option("--remove", is_flag=True, help="End the role instead.")
@session_options
def publisher(session: Session, name: str, account: str, remove: bool) -> None:
    """Let ACCOUNT publish versions of a model, or end that.

    ACCOUNT is an address, or StakedRounds for rounds under stake.
    """
    with session.client() as client:
        rounds = client.staked_rounds.address
        account = rounds if account == "StakedRounds" else parse_address(account)
        (client.remove_publisher if remove else client.add_publisher)(name, account)
    verb = "is no longer" if remove else "is now"
    session.output.result({"account": account}, f"{account} {verb} a publisher of {name}")
