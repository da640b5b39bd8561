"""`tally account`: keys and funds."""

from __future__ import annotations

import os
from pathlib import Path

import click

from registry.chain.gateway import connect
from registry.cli.options import ADDRESS, Session, require_terminal, session_options
from registry.cli.output import amount
from registry.config import Settings
from registry.crypto import public_key_of
from registry.devnet import fund as send_ether
from registry.errors import ConfigError, KeyNeeded
from registry.signing import create_keystore, keystore_addresses

__all__ = ["account"]

_LOCAL_CHAINS = (1337, 31337, 5777)


def _folder(settings: Settings) -> Path:
    return settings.state / "keystore"


@click.group()
def account() -> None:
    """Keys and funds."""


@account.command()
@session_options
def new(session: Session) -> None:
    """Make a key and keep it in an encrypted keystore file."""
    password = os.environ.get("TALLY_PASSWORD")
    if password is None:
        require_terminal()
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True, err=True)
    path, address = create_keystore(_folder(session.settings), password)
    text = [address, f"keystore {path}", f"Use it: export TALLY_KEYSTORE={path}"]
    session.output.result({"address": address, "keystore": str(path)}, text)


@account.command("list")
@session_options
def list_accounts(session: Session) -> None:
    """List the keystore files."""
    rows = [[address, str(path)] for path, address in keystore_addresses(_folder(session.settings))]
    session.output.rows(["address", "keystore"], rows, "no keystore yet: tally account new")


@account.command()
@session_options
def show(session: Session) -> None:
    """Show this account's address and public key, which an owner needs to grant access."""
    signer = session.signer()
    if signer is None:
        raise KeyNeeded
    public = public_key_of(signer).hex()
    text = [f"address     {signer.address}", f"public key  0x{public}"]
    session.output.result({"address": signer.address, "publicKey": "0x" + public}, text)


@account.command()
@click.argument("address", type=ADDRESS)
@click.option(
    "--ether",
    type=click.IntRange(1, 10_000),
    default=10,
    show_default=True,
    help="How much, in ether.",
)
@session_options
def fund(session: Session, address: str, ether: int) -> None:
    """Send an account ether from the development chain's first account (local chains only)."""
    gateway = connect(session.settings.rpc)
    if gateway.chain_id not in _LOCAL_CHAINS:
        local = ", ".join(map(str, _LOCAL_CHAINS))
        raise ConfigError(
            f"expected a development chain ({local}), got chain {gateway.chain_id}; "
            "send real funds with a wallet"
        )
    send_ether(gateway, address, ether * 10**18, session.settings.state)
    balance = gateway.balance(address)
    shown = f"{address} has {balance / 10**18:.4f} ether"
    session.output.result({"address": address, "wei": amount(balance)}, shown)
