"""`tally stake`: what an account has to lose in rounds under stake."""

from __future__ import annotations

from typing import Any

import click

from registry.addresses import parse_address
from registry.cli.options import ADDRESS, Session, session_options
from registry.cli.output import Column, address_column, amount, date_column, number_column
from registry.client import RegistryClient
from registry.dates import date_text
from registry.errors import ConfigError
from registry.index import StakeRecord

__all__ = ["stake"]

_TOKEN = click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
_AMOUNT = click.argument("units", type=click.IntRange(min=1), metavar="AMOUNT")


@click.group()
def stake() -> None:
    """Stake in the vault: put in, lent to controllers, taken out. Amounts in smallest units."""


def _data(account: str, token: str, record: StakeRecord) -> dict[str, Any]:
    return {
        "account": account,
        "token": token,
        "free": amount(record.free),
        "locked": amount(record.locked),
        "exiting": amount(record.exiting),
        "availableAt": record.available_at,
        "awarded": amount(record.awarded),
    }


_HEADINGS: tuple[Column, ...] = (
    address_column("token"),
    number_column("free"),
    number_column("locked"),
    number_column("exiting"),
    date_column("availableAt"),
    number_column("awarded"),
)


def _account(client: RegistryClient, account: str | None) -> str:
    chosen = account or client.account
    if chosen is None:
        raise ConfigError("say whose: give --account or a key")
    return chosen


def _controller(client: RegistryClient, text: str) -> str:
    offered = client.stakes.offered_controllers()
    return offered[text] if text in offered else parse_address(text)


@stake.command()
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@session_options
def show(session: Session, account: str | None) -> None:
    """Show an account's stake of every token."""
    with session.client() as client:
        whom = _account(client, account)
        stakes = client.stakes.all_of(whom)
    rows = [list(_data(whom, token, record).values())[1:] for token, record in stakes.items()]
    session.output.rows(_HEADINGS, rows, f"{whom} has no stake yet: tally stake deposit")


@stake.command()
@_AMOUNT
@click.option("--account", type=ADDRESS, help="Whose stake it becomes; this account's without it.")
@_TOKEN
@session_options
def deposit(session: Session, units: int, account: str | None, token: str | None) -> None:
    """Put AMOUNT into the vault as free stake; the vault may take exactly that."""
    with session.client() as client:
        whom = _account(client, account)
        client.stakes.deposit(units, token, whom)
        record, kind = client.stakes.of(whom, token), client.stakes.token(token)
    session.output.result(_data(whom, kind, record), f"{whom} has {record.free} free")


@stake.command()
@click.option("--add", multiple=True, help="Let this contract lock free stake: address or name.")
@click.option("--remove", multiple=True, help="Don't let it any more; what it locked stays.")
@click.option("--account", type=ADDRESS, help="Whose to list; this account's without it.")
@session_options
def controllers(
    session: Session, add: tuple[str, ...], remove: tuple[str, ...], account: str | None
) -> None:
    """List, name or dismiss the contracts that may lock this account's free stake.

    A controller can also take what it locked: a stranger's contract could lock all that is free
    and keep it. So the vault takes this deployment's alone: StakedRounds (to take part, to vouch
    and to propose), Questions (to ask under a bond) and Evaluations (to appeal).
    """
    with session.client() as client:
        for text, allowed in (*((t, True) for t in add), *((t, False) for t in remove)):
            client.stakes.set_controller(_controller(client, text), allowed)
        whom = _account(client, account)
        named = client.stakes.controllers(whom)
        offered = client.stakes.offered_controllers()
    names = {address: name for name, address in offered.items()}
    everyone = sorted({*named, *names}, key=lambda a: (names.get(a, "~"), a))
    rows = [[names.get(address), address, address in named] for address in everyone]
    session.output.rows(["name", address_column("controller"), "allowed"], rows, "none")


@stake.command("exit")
@_AMOUNT
@_TOKEN
@session_options
def request_exit(session: Session, units: int, token: str | None) -> None:
    """Send AMOUNT of free stake on its way out; with an exit under way its delay begins anew."""
    with session.client() as client:
        record = client.stakes.request_exit(units, token)
        data = _data(client.connection.account, client.stakes.token(token), record)
    shown = f"{record.exiting} can be withdrawn from {date_text(record.available_at)}"
    session.output.result(data, shown)


@stake.command("cancel-exit")
@_TOKEN
@session_options
def cancel_exit(session: Session, token: str | None) -> None:
    """Make an exit free stake again."""
    with session.client() as client:
        units = client.stakes.cancel_exit(token)
    shown = f"{units} is free again" if units else "nothing was on its way out"
    session.output.result({"cancelled": amount(units)}, shown)


@stake.command()
@_TOKEN
@session_options
def withdraw(session: Session, token: str | None) -> None:
    """Pay an exit out, once its delay has passed."""
    with session.client() as client:
        units = client.stakes.withdraw(token)
    shown = f"{units} was paid out" if units else "nothing was on its way out: tally stake exit"
    session.output.result({"withdrawn": amount(units)}, shown)


@stake.command()
@click.option("--account", type=ADDRESS, help="For whom; this account without it.")
@_TOKEN
@session_options
def collect(session: Session, account: str | None, token: str | None) -> None:
    """Collect what disputes awarded; anyone may on behalf, the account is paid."""
    with session.client() as client:
        whom = _account(client, account)
        units = client.stakes.collect(whom, token)
    shown = f"{whom} was paid {units}" if units else f"nothing was awarded to {whom}"
    session.output.result({"account": whom, "collected": amount(units)}, shown)


@stake.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@session_options
def release(session: Session, name: str, number: int, account: str | None) -> None:
    """Free the stake that round NUMBER of a model locked, once the round is over."""
    with session.client() as client:
        whom = _account(client, account)
        done = client.staked_rounds.release(client.round(name, number).round_id, whom)
    shown = f"the stake of {whom} is free" if done else f"round {number} locks no stake of {whom}"
    session.output.result({"account": whom, "released": done}, shown)


@stake.command()
@click.argument("name")
@click.argument("number", type=int)
@session_options
def hold(session: Session, name: str, number: int) -> None:
    """Take a seat of the committee of round NUMBER of a model, until its reveals end.

    Locks what a participant locks. `tally watch` then vouches for what this account has whole, and
    answers for it; what it vouches for and can't give costs this stake.
    """
    with session.client() as client:
        round_id = client.round(name, number).round_id
        client.staked_rounds.lock_holder_stake(round_id)
        units = client.staked_rounds.record(round_id).stakes.participant_stake
    shown = f"{client.account} holds for round {number} with a stake of {units}"
    session.output.result({"round": number, "stake": amount(units)}, shown)
