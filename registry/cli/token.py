"""`tally token`: the reward token, or any other ERC-20: held, sent, approved."""

from __future__ import annotations

import click

from registry.addresses import parse_address
from registry.chain.token import approve as allow
from registry.chain.token import balance_of, transfer
from registry.cli.options import ADDRESS, Session, session_options
from registry.cli.output import amount
from registry.client import RegistryClient
from registry.errors import ConfigError, KeyNeeded

__all__ = ["token"]

_TOKEN = click.option(
    "--token", "kind", type=ADDRESS, help="The token's address; RewardToken without it."
)


@click.group()
def token() -> None:
    """Tokens: held, sent, approved. Amounts in smallest units."""


def _address(client: RegistryClient, kind: str | None) -> str:
    return kind or client.connection.deployment.address("RewardToken")


def _spender(client: RegistryClient, text: str) -> str:
    """Returns an address, or that of a contract of the deployment by its name."""
    contracts = client.connection.deployment.contracts
    return contracts[text].address if text in contracts else parse_address(text)


@token.command()
@click.option("--account", type=ADDRESS, help="Whose; this account's without it.")
@_TOKEN
@session_options
def balance(session: Session, account: str | None, kind: str | None) -> None:
    """Show what an account holds of a token, and its ether."""
    with session.client() as client:
        whom, chosen = account or client.account, _address(client, kind)
        if whom is None:
            raise ConfigError("say whose: give --account or a key")
        gateway = client.connection.gateway
        held, wei = balance_of(gateway, chosen, whom), gateway.balance(whom)
    data = {"account": whom, "token": chosen, "balance": amount(held), "wei": amount(wei)}
    session.output.fields(data)


@token.command()
@click.argument("to", type=ADDRESS)
@click.argument("units", type=click.IntRange(min=1), metavar="AMOUNT")
@_TOKEN
@session_options
def send(session: Session, to: str, units: int, kind: str | None) -> None:
    """Send the account TO AMOUNT of a token."""
    with session.client() as client:
        sender, chosen = client.connection.sender, _address(client, kind)
        if sender is None:
            raise KeyNeeded
        transfer(client.connection.gateway, sender, chosen, to, units)
        left = balance_of(client.connection.gateway, chosen, sender.address)
    data = {"to": to, "token": chosen, "amount": amount(units), "left": amount(left)}
    session.output.result(data, f"sent {units} to {to}; {left} left")


@token.command()
@click.argument("spender")
@click.argument("units", type=click.IntRange(min=0), metavar="AMOUNT")
@_TOKEN
@session_options
def approve(session: Session, spender: str, units: int, kind: str | None) -> None:
    """Let SPENDER take exactly AMOUNT of this account's tokens; 0 takes it back.

    SPENDER is an address, or a contract of the deployment by its name, as StakeVault. Commands
    that pay approve what they need themselves.
    """
    with session.client() as client:
        sender, chosen = client.connection.sender, _address(client, kind)
        if sender is None:
            raise KeyNeeded
        whom = _spender(client, spender)
        allow(client.connection.gateway, sender, chosen, whom, units)
    data = {"spender": whom, "token": chosen, "amount": amount(units)}
    session.output.result(data, f"{spender} may take {units}")
