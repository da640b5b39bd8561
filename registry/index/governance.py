"""Who may stop what, and which tokens count as stake, folded from EmergencyStop and TokenList."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.events import emergency_stop, token_list
from registry.index.following import Steps, require
from registry.types import Event, Log, RoundId

__all__ = ["GovernanceIndex"]


@dataclass
class GovernanceIndex:
    """What the guardian stopped, by part, token and round, and the listed tokens' least stakes.

    Whether a stop is in force is a matter of time too: the guardian's power ends (G-3).
    """

    guardian: str = ZERO_ADDRESS
    named_in: int = 0
    """The block in which the first guardian was named: that of the contract's creation."""
    parts: dict[int, bool] = field(default_factory=dict)
    tokens: dict[str, bool] = field(default_factory=dict)
    rounds: dict[RoundId, bool] = field(default_factory=dict)
    listed: dict[str, int] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def _named(self, event: Log[emergency_stop.GuardianNamed]) -> None:
        self.named_in = self.named_in or event.block_number
        self.guardian = event.arguments.guardian

    def _part(self, event: Log[emergency_stop.PartStopSet]) -> None:
        part, stopped = event.arguments.part, event.arguments.stopped
        require(self.parts.get(part, False) != stopped, "the part is so already")
        self.parts[part] = stopped

    def _token(self, event: Log[emergency_stop.TokenFreezeSet]) -> None:
        token, frozen = event.arguments.token, event.arguments.frozen
        require(self.tokens.get(token, False) != frozen, "the token is so already")
        self.tokens[token] = frozen

    def _round(self, event: Log[emergency_stop.RoundFreezeSet]) -> None:
        round_id, frozen = event.arguments.round_id, event.arguments.frozen
        require(self.rounds.get(round_id, False) != frozen, "the round is so already")
        self.rounds[round_id] = frozen

    def _listed(self, event: Log[token_list.TokenListed]) -> None:
        require(event.arguments.least_stake > 0, "a token counts from one unit on")
        self.listed[event.arguments.token] = event.arguments.least_stake


_STEPS = (
    Steps[GovernanceIndex]()
    .on(emergency_stop.GuardianNamed, GovernanceIndex._named)
    .on(emergency_stop.PartStopSet, GovernanceIndex._part)
    .on(emergency_stop.TokenFreezeSet, GovernanceIndex._token)
    .on(emergency_stop.RoundFreezeSet, GovernanceIndex._round)
    .on(token_list.TokenListed, GovernanceIndex._listed)
)
