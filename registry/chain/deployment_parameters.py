"""What a deployment may choose, and what an existing one was made with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from registry.addresses import ZERO_ADDRESS
from registry.errors import ConfigError

__all__ = ["DEFAULTS", "PROFILES", "Parameters", "check_ranges", "check_recorded"]

_DAY = 86_400


@dataclass(frozen=True)
class Parameters:
    """What is asked for; None: what stands on the chain, or the default in a new deployment.

    Times in seconds, amounts in the token's smallest unit. `governor` decides through the timelock,
    `guardian` holds the emergency stop; both are the deployer unless given.
    """

    timelock_delay: int | None = None
    governor: str | None = None
    guardian: str | None = None
    stop_period: int | None = None
    token_name: str | None = None
    token_symbol: str | None = None
    token_supply: int | None = None
    mint_cap: int | None = None
    mint_epoch: int | None = None
    least_stake: int | None = None
    activation_delay: int | None = None
    claim_period: int | None = None
    unbonding_delay: int | None = None
    least_challenge: int | None = None
    least_certify: int | None = None
    least_answer: int | None = None
    grace: int | None = None
    uptime_feed: str | None = None
    profile: str | None = None

    def filled(self, *, local: bool) -> Parameters:
        """Returns the parameters of a new deployment, each with a value.

        Args:
            local: whether it is for a chain of one's own, whose profile is `local` then.
        """
        profile = self.profile or ("local" if local else "l2")
        asked = {k: v for k, v in asdict(self).items() if v is not None}
        return replace(DEFAULTS, **(_DELAYS.get(profile, {}) | PROFILES[profile] | asked))


DEFAULTS = Parameters(
    timelock_delay=2 * _DAY,
    stop_period=730 * _DAY,
    token_name="Tallystick Reward",  # noqa: S106
    token_symbol="TALLY",  # noqa: S106
    token_supply=1_000_000 * 10**18,
    mint_cap=100_000 * 10**18,
    mint_epoch=365 * _DAY,
    activation_delay=_DAY,
    claim_period=365 * _DAY,
    unbonding_delay=7 * _DAY,
    grace=0,
    uptime_feed=ZERO_ADDRESS,
)

PROFILES: dict[str, dict[str, int]] = {
    "local": {"least_challenge": 1, "least_certify": 1, "least_answer": 1, "least_stake": 1},
    # Above the 24 hours after which a rollup's transaction is included without its sequencer.
    "l2": {
        "least_challenge": 26 * 3600,
        "least_certify": 26 * 3600,
        "least_answer": 26 * 3600,
        "least_stake": 10**18,
    },
    # A censored transaction waits for an honest proposer of blocks.
    "mainnet": {
        "least_challenge": 2 * 3600,
        "least_certify": 2 * 3600,
        "least_answer": 2 * 3600,
        "least_stake": 10**18,
    },
}
"""The floors of terms by kind of chain, in seconds and in the token's smallest unit (F-17)."""

# Delays of a new deployment that nobody has to be waited for in. They are no floors: a deployment
# that has other ones is of the same profile.
_DELAYS: dict[str, dict[str, int]] = {"local": {"activation_delay": 0}}

# Whose constructor takes a parameter, and as which argument, counted from 0, of which element.
_PLACES: dict[str, tuple[str, *tuple[int, ...]]] = {
    "timelock_delay": ("Timelock", 0),
    "governor": ("Timelock", 1),
    "guardian": ("EmergencyStop", 1),
    "stop_period": ("EmergencyStop", 2),
    "token_name": ("RewardToken", 0),
    "token_symbol": ("RewardToken", 1),
    "token_supply": ("RewardToken", 3),
    "mint_cap": ("RewardToken", 5),
    "mint_epoch": ("RewardToken", 6),
    "least_stake": ("TokenList", 2, 0),  # of the reward token, the first one
    "activation_delay": ("PayoutDistributor", 1),
    "claim_period": ("PayoutDistributor", 2),
    "unbonding_delay": ("StakeVault", 1),
    "least_challenge": ("TermsRules", 1),
    "least_certify": ("StakeFloors", 2),
    "least_answer": ("StakeFloors", 3),
    "uptime_feed": ("StakedRounds", 6, 0),
    "grace": ("StakedRounds", 6, 1),
}

# What the contracts take, in seconds. A chain of one's own may have no delays at all.
_RANGES = {
    "timelock_delay": (0, 60 * _DAY),
    "stop_period": (1, 3650 * _DAY),
    "mint_epoch": (_DAY, 3650 * _DAY),
    "activation_delay": (0, 365 * _DAY),
    "claim_period": (1, 3650 * _DAY),
    "unbonding_delay": (0, 365 * _DAY),
    "least_challenge": (1, 365 * _DAY),
    "least_certify": (1, 30 * _DAY),
    "least_answer": (1, 30 * _DAY),
    "grace": (0, 30 * _DAY),
}
_NEVER_ZERO = ("timelock_delay", "activation_delay")


def check_ranges(asked: Parameters, *, local: bool = True) -> None:
    """Returns if the contracts take every period that is asked for.

    Args:
        asked: what a deployment may choose.
        local: whether it is for a chain of one's own, where nothing has to be waited for.

    Raises:
        ConfigError: with the option's name and the range in seconds.
    """
    chosen = asked.filled(local=local)
    for name, (least, most) in _RANGES.items():
        smallest = 1 if not local and name in _NEVER_ZERO else least
        seconds = getattr(chosen, name)
        if not smallest <= seconds <= most:
            raise ConfigError(
                f"--{name.replace('_', '-')}: expected {smallest} to {most} seconds, got {seconds}"
            )


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
    wanted_of = {} if asked.profile is None else dict(PROFILES[asked.profile])
    wanted_of |= {name: value for name, value in asdict(asked).items() if value is not None}
    wanted_of.pop("profile", None)
    for name, wanted in wanted_of.items():
        owner, *place = _PLACES[name]
        if owner != contract:
            continue
        kept: Any = arguments
        for index in place:
            kept = kept[index]
        if wanted != kept:
            raise ConfigError(
                f"--{name.replace('_', '-')} {wanted}: {contract} was deployed with "
                f"{kept}, as {where} says, and keeps it; leave the option out, or "
                "deploy anew with another --deployments folder"
            )
