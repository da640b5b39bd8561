"""What coordinators put up for coming to a result, folded from Forfeits' events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from registry.chain.bindings.events import forfeits
from registry.index.following import Steps, require
from registry.types import Event, Log, RoundId

__all__ = ["BondRecord", "ForfeitIndex"]


@dataclass
class BondRecord:
    """A round's bond; `state` is `held`, `released`, `forfeited` or `withdrawn`.

    `each` and `left` in the token's smallest unit, `closes_at` in seconds since 1970.
    """

    token: str
    funder: str
    each: int
    left: int
    state: str = "held"
    closes_at: int = 0
    collected: set[str] = field(default_factory=set)


class _OfBond(Protocol):
    """An event of one bond."""

    @property
    def controller(self) -> str: ...

    @property
    def round_id(self) -> bytes: ...


@dataclass
class ForfeitIndex:
    """Every bond by controller and round; anybody may be the controller of bonds of its own."""

    bonds: dict[tuple[str, RoundId], BondRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def _of(self, told: _OfBond) -> BondRecord:
        return self.bonds[told.controller, told.round_id]

    def _held(self, event: Log[forfeits.BondHeld]) -> None:
        a = event.arguments
        key = a.controller, a.round_id
        require(key not in self.bonds, "the bond is held already")
        self.bonds[key] = BondRecord(a.token, a.funder, a.each, a.amount)

    def _released(self, event: Log[forfeits.BondReleased]) -> None:
        bond = self._of(event.arguments)
        require(bond.state == "held", f"a bond that is {bond.state}, not held")
        bond.state = "released"

    def _forfeited(self, event: Log[forfeits.BondForfeited]) -> None:
        bond = self._of(event.arguments)
        require(bond.state == "held", f"a bond that is {bond.state}, not held")
        bond.state, bond.closes_at = "forfeited", event.arguments.closes_at

    def _collected(self, event: Log[forfeits.ForfeitCollected]) -> None:
        bond, a = self._of(event.arguments), event.arguments
        require(bond.state == "forfeited", f"a bond that is {bond.state}, not forfeited")
        require(a.participant not in bond.collected, "the participant has collected already")
        require(a.amount == bond.each, "another amount is due")
        bond.collected.add(a.participant)
        bond.left -= a.amount

    def _withdrawn(self, event: Log[forfeits.BondWithdrawn]) -> None:
        bond = self._of(event.arguments)
        require(bond.state in ("released", "forfeited"), f"a bond that is {bond.state}")
        require(event.arguments.amount == bond.left, "another amount was left")
        bond.state, bond.left = "withdrawn", 0


_STEPS = (
    Steps[ForfeitIndex]()
    .on(forfeits.BondHeld, ForfeitIndex._held)
    .on(forfeits.BondReleased, ForfeitIndex._released)
    .on(forfeits.BondForfeited, ForfeitIndex._forfeited)
    .on(forfeits.ForfeitCollected, ForfeitIndex._collected)
    .on(forfeits.BondWithdrawn, ForfeitIndex._withdrawn)
)
