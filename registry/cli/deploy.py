"""`tally deploy`: the contracts, from the shipped bytecode."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from registry.chain.deploy import SenderExecutor
from registry.chain.deploy import deploy as carry_out
from registry.chain.deployment_parameters import DEFAULTS, Parameters
from registry.chain.deployments import deployment_path
from registry.chain.gateway import connect
from registry.cli.options import Session, session_options
from registry.errors import ConfigError
from registry.hashing import sha256_file
from registry.usecases.connection import sender_of

__all__ = ["deploy"]

F = TypeVar("F", bound=Callable[..., Any])


def _seconds(name: str, default: int | None, what: str) -> Callable[[F], F]:
    """Returns an option in seconds that is None unless it is given."""
    return click.option(name, type=int, help=f"{what}; {default} in a new deployment.")


@click.command()
@_seconds("--activation-delay", DEFAULTS.activation_delay, "Seconds until a payout root is in use")
@_seconds("--claim-period", DEFAULTS.claim_period, "Seconds in which payouts can be claimed")
@_seconds("--unbonding-delay", DEFAULTS.unbonding_delay, "Seconds that a stake's exit takes")
@session_options
def deploy(
    session: Session,
    activation_delay: int | None,
    claim_period: int | None,
    unbonding_delay: int | None,
) -> None:
    """Deploy the contracts, or finish a deployment that was cut.

    Writes <chainId>.json into the deployments folder; a finished deployment is left as it is, and
    options that contradict it are refused.
    """
    parameters = Parameters(
        activation_delay=activation_delay,
        claim_period=claim_period,
        unbonding_delay=unbonding_delay,
    )
    _check_range(parameters.filled())
    signer = session.signer()
    if signer is None:
        raise ConfigError("a key is needed: set TALLY_KEYSTORE (a file) or TALLY_KEY")
    gateway = connect(session.settings.rpc)
    sender = sender_of(gateway, signer, session.settings)
    deployment = carry_out(
        gateway,
        SenderExecutor(sender),
        session.settings.deployments,
        parameters,
        lambda name, address: session.output.line(f"{name:<18} {address}"),
    )
    path = deployment_path(session.settings.deployments, gateway.chain_id)
    addresses = {name: entry.address for name, entry in deployment.contracts.items()}
    digest = sha256_file(path)[1].hex()
    session.output.result(
        {"file": str(path), "sha256": digest, "contracts": addresses},
        [f"written {path}", f"SHA-256 {digest}"],
    )


def _check_range(chosen: Parameters) -> None:
    """Refuses times that a contract's words, or the clock, don't hold."""
    least = {"activation_delay": 0, "claim_period": 1, "unbonding_delay": 0}
    for name, smallest in least.items():
        seconds = getattr(chosen, name)
        if not smallest <= seconds < 1 << 63:
            raise ConfigError(
                f"--{name.replace('_', '-')}: expected {smallest} or more seconds, below 2^63, "
                f"got {seconds}"
            )
