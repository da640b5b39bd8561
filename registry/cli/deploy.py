"""`tally deploy`: the contracts, from the shipped bytecode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry.chain.deploy import SenderExecutor
from registry.chain.deploy import deploy as carry_out
from registry.chain.deployment_parameters import DEFAULTS, PROFILES, Parameters, check_ranges
from registry.chain.deployments import deployment_path
from registry.chain.gateway import connect
from registry.cli.options import ADDRESS, Session, session_options
from registry.errors import KeyNeeded
from registry.hashing import sha256_file
from registry.usecases.connection import sender_of

__all__ = ["deploy"]

F = TypeVar("F", bound=Callable[..., Any])

_ALREADY = "already deployed: {} is finished, and nothing was sent"


def _seconds(
    name: str, default: int | None, what: str, local: int | None = None
) -> Callable[[F], F]:
    """Returns an option in seconds that is None unless it is given."""
    of_local = "" if local is None else f", {local} with --profile local"
    return click.option(name, type=int, help=f"{what}; {default} in a new deployment{of_local}.")


@click.command()
@_seconds("--timelock-delay", DEFAULTS.timelock_delay, "Seconds until what is decided is done")
@click.option("--governor", type=ADDRESS, help="Who decides through the timelock; the deployer.")
@click.option("--guardian", type=ADDRESS, help="Who holds the emergency stop; the deployer.")
@_seconds("--stop-period", DEFAULTS.stop_period, "Seconds that the guardian has its power")
@_seconds(
    "--activation-delay", DEFAULTS.activation_delay, "Seconds until a payout root is in use", 0
)
@_seconds("--claim-period", DEFAULTS.claim_period, "Seconds in which payouts can be claimed")
@_seconds("--unbonding-delay", DEFAULTS.unbonding_delay, "Seconds that a stake's exit takes")
@click.option(
    "--profile",
    type=click.Choice(sorted(PROFILES)),
    help="Floors and delays by kind of chain; local on a chain of one's own, else l2.",
)
@click.option("--least-challenge", type=int, help="The fewest seconds of a challenge window.")
@click.option("--least-certify", type=int, help="The fewest seconds to vouch in, under stake.")
@click.option("--least-answer", type=int, help="The fewest seconds to answer in, under stake.")
@click.option("--least-stake", type=int, help="The least stake and bond in the reward token.")
@click.option("--uptime-feed", type=ADDRESS, help="Says whether the chain's sequencer is up.")
@click.option("--grace", type=int, help="Seconds after an outage in which nothing runs out.")
@session_options
def deploy(session: Session, **chosen: Any) -> None:
    """Deploy the contracts, or finish a deployment that was cut.

    Writes <chainId>.json into the deployments folder; a finished deployment is left as it is, and
    options that contradict it are refused.
    """
    parameters = Parameters(**chosen)
    check_ranges(parameters)
    signer = session.signer()
    if signer is None:
        raise KeyNeeded
    # What is deployed is written down at once: a folder that can't be there is told before.
    session.settings.deployments.mkdir(parents=True, exist_ok=True)
    gateway = connect(session.settings.rpc)
    sender = sender_of(gateway, signer, session.settings)
    deployment = carry_out(
        gateway,
        SenderExecutor(sender),
        session.settings.deployments,
        parameters,
        lambda name, address: session.output.part(f"{name:<18} {address}"),
    )
    path = deployment_path(session.settings.deployments, gateway.chain_id)
    addresses = {name: entry.address for name, entry in deployment.contracts.items()}
    digest = sha256_file(path)[1].hex()
    session.output.result(
        {"file": str(path), "sha256": digest, "contracts": addresses},
        [f"written {path}" if sender.sent else _ALREADY.format(path), f"SHA-256 {digest}"],
    )
