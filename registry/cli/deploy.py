"""`tally deploy`: the contracts, from the shipped bytecode."""

from __future__ import annotations

import click

from registry.chain.deploy import Parameters, SenderExecutor
from registry.chain.deploy import deploy as carry_out
from registry.chain.deployments import deployment_path
from registry.chain.gateway import connect
from registry.cli.options import Session, session_options
from registry.errors import ConfigError
from registry.usecases.connection import sender_of

__all__ = ["deploy"]


@click.command()
@click.option("--activation-delay", default=86_400, show_default=True, help="Seconds.")
@click.option("--claim-period", default=365 * 86_400, show_default=True, help="Seconds.")
@click.option(
    "--unbonding-delay", default=7 * 86_400, show_default=True, help="Seconds a stake's exit takes."
)
@session_options
def deploy(
    session: Session, activation_delay: int, claim_period: int, unbonding_delay: int
) -> None:
    """Deploy the contracts, or finish a deployment that was cut.

    Writes <chainId>.json into the deployments folder; a finished deployment is left as it is.
    """
    if activation_delay < 0 or claim_period <= 0 or not 0 <= unbonding_delay < 1 << 63:
        raise ConfigError("expected a delay of 0 or more seconds and a period above 0")
    signer = session.signer()
    if signer is None:
        raise ConfigError("a key is needed: set TALLY_KEYSTORE (a file) or TALLY_KEY")
    gateway = connect(session.settings.rpc)
    sender = sender_of(gateway, signer, session.settings)
    parameters = Parameters(
        activation_delay=activation_delay,
        claim_period=claim_period,
        unbonding_delay=unbonding_delay,
    )
    deployment = carry_out(
        gateway,
        SenderExecutor(sender),
        session.settings.deployments,
        parameters,
        lambda name, address: session.output.line(f"{name:<18} {address}"),
    )
    path = deployment_path(session.settings.deployments, gateway.chain_id)
    addresses = {name: entry.address for name, entry in deployment.contracts.items()}
    session.output.result({"file": str(path), "contracts": addresses}, f"written {path}")
