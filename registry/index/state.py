"""One fold over all contracts' events, kept up to date with the chain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from registry.chain.bindings.events.staked_rounds import StakedRoundOpened
from registry.chain.bindings.events.training_rounds import RoundOpened
from registry.chain.events import EventReader
from registry.errors import ConfigError, NodeUnsound
from registry.index.catalogue import Catalogue
from registry.index.evaluations import EvaluationIndex
from registry.index.forfeits import ForfeitIndex
from registry.index.governance import GovernanceIndex
from registry.index.hidden_rounds import HiddenIndex
from registry.index.payouts import PayoutLedger
from registry.index.pots import PotIndex
from registry.index.rounds import RoundIndex
from registry.index.staked_rounds import StakedRoundIndex
from registry.index.stakes import StakeIndex
from registry.types import Event

__all__ = ["ChainIndex", "RegistryState"]


_FOLDS: Final[Mapping[str, str]] = {
    "EmergencyStop": "governance",
    "TokenList": "governance",
    "ModelRegistry": "catalogue",
    "TrainingRounds": "rounds",
    "RewardPool": "payouts",
    "PayoutDistributor": "payouts",
    "StakeVault": "stakes",
    "StakedRounds": "staked_rounds",
    "Availability": "staked_rounds",
    "Questions": "staked_rounds",
    "WeightedPayouts": "pots",
    "Evaluations": "evaluations",
    "Forfeits": "bonds",
    "HiddenRounds": "hidden_rounds",
}
"""Which part of the state a contract's events are folded into; others' change none."""


class Fold(Protocol):
    """A part of the state that takes events in."""

    def apply(self, event: Event) -> None:
        """Takes one event in."""


@dataclass
class RegistryState:
    """What all events so far amount to."""

    governance: GovernanceIndex = field(default_factory=GovernanceIndex)
    catalogue: Catalogue = field(default_factory=Catalogue)
    rounds: RoundIndex = field(default_factory=RoundIndex)
    payouts: PayoutLedger = field(default_factory=PayoutLedger)
    stakes: StakeIndex = field(default_factory=StakeIndex)
    staked_rounds: StakedRoundIndex = field(default_factory=StakedRoundIndex)
    pots: PotIndex = field(default_factory=PotIndex)
    evaluations: EvaluationIndex = field(default_factory=EvaluationIndex)
    bonds: ForfeitIndex = field(default_factory=ForfeitIndex)
    hidden_rounds: HiddenIndex = field(default_factory=HiddenIndex)

    def apply(self, event: Event) -> None:
        """Takes one event in.

        Raises:
            NodeUnsound: it speaks of something that no earlier event made, or of a value that the
                contracts don't have.
        """
        try:
            self._apply(event)
        except (ConfigError, KeyError, IndexError, ValueError, AttributeError) as error:
            raise NodeUnsound(
                f"block {event.block_number}, log {event.log_index}: {event.name} does not follow "
                f"from the events before it ({type(error).__name__}: {error!s:.60}); the node "
                "leaves events out or alters them: use another node"
            ) from error

    def _apply(self, event: Event) -> None:
        if isinstance(event.arguments, RoundOpened | StakedRoundOpened):
            self.catalogue.models[event.arguments.model_id]  # rounds are of registered models
        name = _FOLDS.get(event.contract)
        if name is not None:
            fold: Fold = getattr(self, name)
            fold.apply(event)

    @classmethod
    def of(cls, events: Iterable[Event]) -> RegistryState:
        """Returns the state after the given events, in chain order."""
        state = cls()
        for event in events:
            state.apply(event)
        return state


class ChainIndex:
    """A state that follows the chain: `sync` reads what is new and undoes what a re-org removed."""

    def __init__(self, reader: EventReader) -> None:
        self._reader = reader
        self._events: list[Event] = []
        self._state = RegistryState()
        self.rollbacks = 0
        """How often the chain took back what had been read."""

    @property
    def mark(self) -> tuple[int, int]:
        """What differs once an event came or was taken back."""
        return self.rollbacks, len(self._events)

    @property
    def events(self) -> tuple[Event, ...]:
        """Every event read so far, in chain order."""
        return tuple(self._events)

    def sync(self) -> RegistryState:
        """Reads what is new and returns the state."""
        batch = self._reader.poll()
        if batch.rolled_back_to is not None:
            self._events = [e for e in self._events if e.block_number <= batch.rolled_back_to]
            self._state = RegistryState.of(self._events)
            self.rollbacks += 1
        for event in batch.events:
            self._events.append(event)
            self._state.apply(event)
        return self._state
