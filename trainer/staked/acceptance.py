"""Which stake terms an account can live with: what the chain can't know of it (T-38).

The chain's floors keep terms from being traps for everybody. How fast this machine answers, how
much this account can lose, and whose panel it trusts, only the account can say.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import final

from registry.errors import ConfigError
from trainer.staked.state import StakedState

__all__ = ["Acceptance"]


@final
@dataclass(frozen=True)
class Acceptance:
    """What an account accepts. Stakes in the token's smallest unit, windows in seconds.

    Args:
        most_stake: the most that is locked for one round.
        least_answer: the time that this account needs to see a question and answer it.
        least_certify: the time that it needs to fetch all updates and vouch for them.
        panels: ids of panels whose word it accepts on how the pot is divided.
        committees: ids of committees that it accepts: an update that a committee doesn't vouch for
            costs its stake.
    """

    most_stake: int = 0
    least_answer: int = 10
    least_certify: int = 10
    panels: Collection[bytes] = ()
    committees: Collection[bytes] = ()

    def require(self, state: StakedState) -> None:
        """Returns if a round's terms are accepted.

        Raises:
            ConfigError: they aren't; it says which one, and what accepts it.
        """
        stakes, number = state.stakes, state.round.number
        if stakes.participant_stake > self.most_stake:
            raise ConfigError(
                f"round {number} asks for a stake of {stakes.participant_stake} of {stakes.token}, "
                f"and at most {self.most_stake} may be locked: allow it with "
                f"--stake {stakes.participant_stake}"
            )
        for option, given, least in (
            ("answer", stakes.answer_window, self.least_answer),
            ("certify", stakes.certify_window, self.least_certify),
        ):
            if given < least:
                raise ConfigError(
                    f"round {number} leaves {given} s to {option} in, and this account needs "
                    f"{least} s: a late answer costs the stake; allow it with "
                    f"--least-{option} {given}"
                )
        for option, named, accepted, why in (
            ("panel", stakes.panel, self.panels, "says who is paid what"),
            ("committee", stakes.committee, self.committees, "says which updates are there"),
        ):
            if any(named) and named not in accepted:
                raise ConfigError(
                    f"round {number} has a {option}, 0x{named.hex()}, that {why}: accept it with "
                    f"--{option} 0x{named.hex()}"
                )
