"""`tally deployment`: the file with the contracts' addresses, and how it is handed over."""

from __future__ import annotations

from pathlib import Path

import click

from registry.chain.deployment_exchange import (
    ExchangedFile,
    deployment_at,
    export_deployment,
    import_deployment,
)
from registry.chain.gateway import connect
from registry.cli.digests import DIGEST
from registry.cli.options import Session, session_options

__all__ = ["deployment"]


@click.group()
def deployment() -> None:
    """Show, hand over and take over the file that says where the contracts are.

    Whoever takes part needs that file and its SHA-256 digest. The file may come by any way; the
    digest from somebody whom one trusts, by another way.
    """


@deployment.command()
@session_options
def show(session: Session) -> None:
    """Show this chain's deployment, checked against the chain: file, digest, addresses."""
    gateway = connect(session.settings.rpc)
    found = deployment_at(session.settings.deployments, gateway)
    addresses = {name: entry.address for name, entry in found.deployment.contracts.items()}
    lines = [f"{name:<18} {address}" for name, address in addresses.items()]
    _tell(session, found, [*lines, f"file {found.path}"], {"contracts": addresses})


@deployment.command("export")
@click.argument("target", type=click.Path(path_type=Path), metavar="FILE")
@session_options
def export_file(session: Session, target: Path) -> None:
    """Copy this chain's deployment to FILE, and print the digest to hand over beside it."""
    gateway = connect(session.settings.rpc)
    found = export_deployment(session.settings.deployments, gateway, target)
    _tell(session, found, [f"written {found.path}"], {})


@deployment.command("import")
@click.argument("source", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--digest", type=DIGEST, required=True, help="FILE's SHA-256, from whoever deployed.")
@click.option("--force", is_flag=True, help="Replace another deployment of this chain.")
@session_options
def import_file(session: Session, source: Path, digest: bytes, force: bool) -> None:
    """Take over the deployment FILE, if it has the digest and the chain has its contracts."""
    gateway = connect(session.settings.rpc)
    folder = session.settings.deployments
    found = import_deployment(source, digest, folder, gateway, force=force)
    _tell(session, found, [f"written {found.path}"], {})


def _tell(
    session: Session, found: ExchangedFile, lines: list[str], more: dict[str, dict[str, str]]
) -> None:
    digest = found.digest.hex()
    data = {"file": str(found.path), "sha256": digest, "chainId": found.deployment.chain_id}
    session.output.result(data | more, [*lines, f"SHA-256 {digest}"])
