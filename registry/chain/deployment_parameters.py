"""What a deployment may choose, and what an existing one was made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from registry.errors import ConfigError

__all__ = ["DEFAULTS", "Parameters", "check_recorded"]


@dataclass(frozen=True)
class Parameters:
    """What is asked for; None: what stands on the chain, or the default in a new deployment.

    Times in seconds, supply in the token's smallest unit.
    """

    token_name: str | None = None
    token_symbol: str | None = None
    token_supply: int | None = None
    activation_delay: int | None = None
    claim_period: int | None = None
    unbonding_delay: int | None = None

    def filled(self) -> Parameters:
        """Returns the parameters of a new deployment, each with a value."""
        return replace(DEFAULTS, **{k: v for k, v in asdict(self).items() if v is not None})


DEFAULTS = Parameters(
    token_name="Tallystick Reward",  # noqa: S106
    token_symbol="TALLY",  # noqa: S106
    token_supply=1_000_000 * 10**18,
    activation_delay=86_400,
    claim_period=365 * 86_400,
    unbonding_delay=7 * 86_400,
)

# Whose constructor takes a parameter, and as which argument, counted from 0.
_PLACES = {
    "token_name": ("RewardToken", 0),
    "token_symbol": ("RewardToken", 1),
    "token_supply": ("RewardToken", 3),
    "activation_delay": ("PayoutDistributor", 1),
    "claim_period": ("PayoutDistributor", 2),
    "unbonding_delay": ("StakeVault", 1),
}


def check_recorded(
    asked: Parameters, contract: str, arguments: Sequence[Any], where: object
) -> None:
    """Returns if nothing that is asked for contradicts what a contract was made with.

    A constructor's arguments are for good, so what was asked otherwise could only be dropped.

    Args:
        asked: None where anything will do.
        contract: the contract's name.
        arguments: its constructor's.
        where: the file that records it, for the message.

    Raises:
        ConfigError: with both values.
    """
    for name, wanted in asdict(asked).items():
        owner, place = _PLACES[name]
        if owner == contract and wanted is not None and wanted != arguments[place]:
            raise ConfigError(
                f"--{name.replace('_', '-')} {wanted}: {contract} was deployed with "
                f"{arguments[place]}, as {where} says, and keeps it; leave the option out, or "
                "deploy anew with another --deployments folder"
            )
