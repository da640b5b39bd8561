"""Pots of rounds under stake, folded from WeightedPayouts' events (P-7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.index.following import require
from registry.types import Event, RoundId

__all__ = ["PotBook", "PotRecord"]


@dataclass
class PotRecord:
    """One round's pot in one token, in its smallest unit.

    Args:
        funded: what each funder put in and didn't get back.
        paid: what each participant got.
        rest: what the sponsor got in the end; None before.
    """

    funded: dict[str, int] = field(default_factory=dict)
    paid: dict[str, int] = field(default_factory=dict)
    rest: int | None = None

    @property
    def amount(self) -> int:
        """What there is to divide."""
        return sum(self.funded.values())


@dataclass
class PotBook:
    """Every pot by round and token."""

    pots: dict[tuple[RoundId, str], PotRecord] = field(default_factory=dict)
    kept: dict[tuple[str, str], int] = field(default_factory=dict)  # by token and account

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def of(self, round_id: RoundId, token: str) -> PotRecord:
        """Returns a pot; an empty one if nobody funded it."""
        return self.pots.get((round_id, token), PotRecord())

    def owed(self, token: str) -> int:
        """Returns what the contract owes in a token."""
        pots = [pot for (_, kind), pot in self.pots.items() if kind == token]
        waiting = sum(pot.amount - sum(pot.paid.values()) - (pot.rest or 0) for pot in pots)
        return waiting + sum(n for (kind, _), n in self.kept.items() if kind == token)

    def _of(self, event: Event) -> PotRecord:
        key = event.arguments["roundId"], event.arguments["token"]
        return self.pots.setdefault(key, PotRecord())

    def _funded(self, event: Event) -> None:
        pot, funder = self._of(event), event.arguments["funder"]
        pot.funded[funder] = pot.funded.get(funder, 0) + event.arguments["amount"]

    def _paid(self, event: Event) -> None:
        pot, participant = self._of(event), event.arguments["participant"]
        pot.paid[participant] = event.arguments["amount"]

    def _rest(self, event: Event) -> None:
        self._of(event).rest = event.arguments["amount"]

    def _refunded(self, event: Event) -> None:
        self._of(event).funded.pop(event.arguments["funder"], None)

    def _kept(self, event: Event) -> None:
        key = event.arguments["token"], event.arguments["account"]
        self.kept[key] = self.kept.get(key, 0) + event.arguments["amount"]

    def _collected(self, event: Event) -> None:
        a = event.arguments
        kept = self.kept.pop((a["token"], a["account"]), 0)
        require(kept == a["amount"], f"{kept} is kept, not {a['amount']}")


_STEPS: dict[str, Callable[[PotBook, Event], None]] = {
    "PotFunded": PotBook._funded,
    "ParticipantPaid": PotBook._paid,
    "RemainderReturned": PotBook._rest,
    "PotRefunded": PotBook._refunded,
    "PaymentKept": PotBook._kept,
    "PaymentCollected": PotBook._collected,
}
