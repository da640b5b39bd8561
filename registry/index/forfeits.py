"""What coordinators put up for coming to a result, folded from Forfeits' events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.index.following import require
from registry.types import Event, RoundId

__all__ = ["BondBook", "BondRecord"]


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


@dataclass
class BondBook:
    """Every bond by controller and round; anybody may be the controller of bonds of its own."""

    bonds: dict[tuple[str, RoundId], BondRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def _of(self, event: Event) -> BondRecord:
        return self.bonds[event.arguments["controller"], event.arguments["roundId"]]

    def _held(self, event: Event) -> None:
        a = event.arguments
        key = a["controller"], a["roundId"]
        require(key not in self.bonds, "the bond is held already")
        self.bonds[key] = BondRecord(a["token"], a["funder"], a["each"], a["amount"])

    def _released(self, event: Event) -> None:
        bond = self._of(event)
        require(bond.state == "held", f"a bond that is {bond.state}, not held")
        bond.state = "released"

    def _forfeited(self, event: Event) -> None:
        bond = self._of(event)
        require(bond.state == "held", f"a bond that is {bond.state}, not held")
        bond.state, bond.closes_at = "forfeited", event.arguments["closesAt"]

    def _collected(self, event: Event) -> None:
        bond, a = self._of(event), event.arguments
        require(bond.state == "forfeited", f"a bond that is {bond.state}, not forfeited")
        require(a["participant"] not in bond.collected, "the participant has collected already")
        require(a["amount"] == bond.each, "another amount is due")
        bond.collected.add(a["participant"])
        bond.left -= a["amount"]

    def _withdrawn(self, event: Event) -> None:
        bond = self._of(event)
        require(bond.state in ("released", "forfeited"), f"a bond that is {bond.state}")
        require(event.arguments["amount"] == bond.left, "another amount was left")
        bond.state, bond.left = "withdrawn", 0


_STEPS: dict[str, Callable[[BondBook, Event], None]] = {
    "BondHeld": BondBook._held,
    "BondReleased": BondBook._released,
    "BondForfeited": BondBook._forfeited,
    "ForfeitCollected": BondBook._collected,
    "BondWithdrawn": BondBook._withdrawn,
}
