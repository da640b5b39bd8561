"""`tally reward`: what contributors are paid."""

from __future__ import annotations

from collections.abc import Mapping

import click

from registry.chain.token import balance_of
from registry.cli.options import ADDRESS, Session, session_options
from registry.cli.output import address_column, amount, number_column
from registry.client import RegistryClient
from registry.dates import date_text
from registry.errors import ConfigError
from registry.index import PotRecord
from registry.types import Model

__all__ = ["reward"]


@click.group()
def reward() -> None:
    """What contributors are paid."""


def _token(client: RegistryClient, token: str | None) -> str:
    return token or client.connection.deployment.address("RewardToken")


def _account(client: RegistryClient, account: str | None) -> str:
    chosen = account or client.account
    if chosen is None:
        raise ConfigError("say whose: give --account or a key")
    return chosen


@reward.command()
@click.argument("name")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def show(session: Session, name: str, token: str | None) -> None:
    """Show what a model has paid and owes to each contributor, under stake from pots of rounds."""
    with session.reader() as client:
        model, chosen = client.model(name), _token(client, token)
        distribution = client.payouts.distribution(model, chosen)
        newest = client.payouts.newest(model, chosen)
        amounts = client.payouts.cumulative(newest) if newest else {}
        pots = _pots(client, model, chosen)
        rows = _reward_rows(amounts, distribution.claimed, pots)
    held = f"funded {distribution.funded}, paid {distribution.paid}, swept {distribution.swept}"
    session.output.part(held)
    if distribution.waiting:
        root = distribution.waiting.root.hex()
        moment = date_text(distribution.waiting.activates_at)
        session.output.part(f"root 0x{root} waits until {moment}")
    if distribution.claims_end:
        end = date_text(distribution.claims_end)
        session.output.part(f"a sweep is announced: claims end at {end}")
    for number, pot in pots.items():
        session.output.part(_pot_line(number, pot))
    session.output.rows(
        [address_column("account"), *map(number_column, ("earned", "claimed", "pots"))],
        rows,
        f"{name} has no payout root yet",
    )


def _pots(client: RegistryClient, model: Model, token: str) -> dict[int, PotRecord]:
    """Returns the pots that anybody funded, by the rounds' numbers."""
    rounds = client.rounds.of_model(model)
    found = {r.number: client.state().pots.of(r.round_id, token) for r in rounds}
    return {number: pot for number, pot in found.items() if pot.funded}


def _pot_line(number: int, pot: PotRecord) -> str:
    paid, rest = sum(pot.paid.values()), pot.rest or 0
    left = pot.amount - paid - rest
    return f"pot of round {number}: funded {pot.amount}, paid {paid}, returned {rest}, left {left}"


def _reward_rows(
    earned: dict[str, int], claimed: Mapping[str, int], pots: dict[int, PotRecord]
) -> list[list[str]]:
    """Returns a row for everybody whom a payout root or a pot pays."""
    accounts = {*earned, *(who for pot in pots.values() for who in pot.paid)}
    return [
        [
            account,
            amount(earned.get(account, 0)),
            amount(claimed.get(account, 0)),
            amount(sum(pot.paid.get(account, 0) for pot in pots.values())),
        ]
        for account in sorted(accounts)
    ]


@reward.command()
@click.argument("name")
@click.argument("number", type=int)
@click.argument("units", type=click.IntRange(min=1), metavar="AMOUNT")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def fund(session: Session, name: str, number: int, units: int, token: str | None) -> None:
    """Add AMOUNT to the pot of round NUMBER under stake, which what is settled divides (P-7)."""
    with session.client() as client:
        round_id = client.round(name, number).round_id
        client.weighted_payouts.fund(round_id, units, token)
        held = client.weighted_payouts.pot(round_id, token).amount
    session.output.result(
        {"round": number, "pot": amount(held)}, f"the pot of round {number} has {held}"
    )


@reward.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def pay(session: Session, name: str, number: int, token: str | None) -> None:
    """Pay everybody's part of a settled round's pot, and the rest to its sponsor. Anyone may.

    By weight; in a round with a panel of evaluators, by the payout root that they attested.
    """
    with session.client() as client:
        round_id = client.round(name, number).round_id
        client.weighted_payouts.pay_settled(round_id, token)
        pot = client.weighted_payouts.pot(round_id, token)
    rows = [[who, amount(paid)] for who, paid in sorted(pot.paid.items())]
    session.output.rows([address_column("account"), number_column("paid")], rows, "nobody was paid")


@reward.command()
@click.argument("name")
@click.argument("number", type=int)
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def refund(
    session: Session, name: str, number: int, account: str | None, token: str | None
) -> None:
    """Give a funder its part of a voided round's pot back; the funder is paid."""
    with session.client() as client:
        whom = _account(client, account)
        paid = client.weighted_payouts.refund(client.round(name, number).round_id, token, whom)
    shown = f"{whom} was paid {paid}" if paid else f"{whom} has nothing in that pot"
    session.output.result({"account": whom, "refunded": amount(paid)}, shown)


@reward.command()
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def collect(session: Session, account: str | None, token: str | None) -> None:
    """Send an account its parts of pots that its token refused to send before.

    Anyone may; that account is paid.
    """
    with session.client() as client:
        whom = _account(client, account)
        paid = client.weighted_payouts.collect(token, whom)
    shown = f"{whom} was paid {paid}" if paid else f"nothing is kept for {whom}"
    session.output.result({"account": whom, "collected": amount(paid)}, shown)


@reward.command()
@click.argument("name")
@click.option("--account", type=ADDRESS, help="For whom; this account without it.")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def claim(session: Session, name: str, account: str | None, token: str | None) -> None:
    """Claim what is due; anyone may claim on behalf, the contributor is paid."""
    with session.client() as client:
        chosen, whom = _token(client, token), _account(client, account)
        paid = client.payouts.claim(client.model(name), chosen, whom)
    session.output.result({"account": whom, "paid": amount(paid)}, f"{whom} was paid {paid}")


@reward.command()
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def balance(session: Session, account: str | None, token: str | None) -> None:
    """Show a token balance."""
    with session.client() as client:
        whom = _account(client, account)
        held = balance_of(client.connection.gateway, _token(client, token), whom)
    session.output.result({"account": whom, "balance": amount(held)}, f"{whom} has {held}")


@reward.command("cancel-root")
@click.argument("name")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def cancel_root(session: Session, name: str, token: str | None) -> None:
    """Drop the payout root that waits, before its time has come. The model's owner may (P-5)."""
    with session.client() as client:
        client.payouts.cancel(client.model(name), _token(client, token))
    session.output.result({"model": name}, f"no payout root of {name} waits any more")


@reward.command("announce-sweep")
@click.argument("name")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def announce_sweep(session: Session, name: str, token: str | None) -> None:
    """Announce a sweep: say when claims end. The model's owner may (P-6)."""
    with session.client() as client:
        moment = client.payouts.announce_sweep(client.model(name), _token(client, token))
    session.output.result(
        {"model": name, "claimsEnd": moment},
        f"claims end at {date_text(moment)}, unless a root or money comes in before",
    )


@reward.command()
@click.argument("name")
@click.option("--to", type=ADDRESS, help="Who gets it; this account without it.")
@click.option("--token", type=ADDRESS, help="The token's address; RewardToken without it.")
@session_options
def sweep(session: Session, name: str, to: str | None, token: str | None) -> None:
    """Take what nobody claimed until the end that was announced. The model's owner may (P-6)."""
    with session.client() as client:
        whom = _account(client, to)
        taken = client.payouts.sweep(client.model(name), _token(client, token), whom)
    session.output.result({"to": whom, "swept": amount(taken)}, f"{whom} got {taken}")
