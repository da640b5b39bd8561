"""Pots of rounds under stake, folded from WeightedPayouts' events (P-7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from registry.chain.bindings.events import weighted_payouts
from registry.index.following import Steps, require
from registry.types import Event, Log, RoundId

__all__ = ["PotIndex", "PotRecord"]


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


class _OfPot(Protocol):
    """An event of one pot."""

    @property
    def round_id(self) -> bytes: ...

    @property
    def token(self) -> str: ...


@dataclass
class PotIndex:
    """Every pot by round and token."""

    pots: dict[tuple[RoundId, str], PotRecord] = field(default_factory=dict)
    kept: dict[tuple[str, str], int] = field(default_factory=dict)  # by token and account

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def of(self, round_id: RoundId, token: str) -> PotRecord:
        """Returns a pot; an empty one if nobody funded it."""
        return self.pots.get((round_id, token), PotRecord())

    def owed(self, token: str) -> int:
        """Returns what the contract owes in a token."""
        pots = [pot for (_, kind), pot in self.pots.items() if kind == token]
        waiting = sum(pot.amount - sum(pot.paid.values()) - (pot.rest or 0) for pot in pots)
        return waiting + sum(n for (kind, _), n in self.kept.items() if kind == token)

    def _of(self, told: _OfPot) -> PotRecord:
        return self.pots.setdefault((told.round_id, told.token), PotRecord())

    def _funded(self, event: Log[weighted_payouts.PotFunded]) -> None:
        pot, funder = self._of(event.arguments), event.arguments.funder
        pot.funded[funder] = pot.funded.get(funder, 0) + event.arguments.amount

    def _paid(self, event: Log[weighted_payouts.ParticipantPaid]) -> None:
        pot, participant = self._of(event.arguments), event.arguments.participant
        pot.paid[participant] = event.arguments.amount

    def _rest(self, event: Log[weighted_payouts.RemainderReturned]) -> None:
        self._of(event.arguments).rest = event.arguments.amount

    def _refunded(self, event: Log[weighted_payouts.PotRefunded]) -> None:
        self._of(event.arguments).funded.pop(event.arguments.funder, None)

    def _kept(self, event: Log[weighted_payouts.PaymentKept]) -> None:
        key = event.arguments.token, event.arguments.account
        self.kept[key] = self.kept.get(key, 0) + event.arguments.amount

    def _collected(self, event: Log[weighted_payouts.PaymentCollected]) -> None:
        a = event.arguments
        kept = self.kept.pop((a.token, a.account), 0)
        require(kept == a.amount, f"{kept} is kept, not {a.amount}")


_STEPS = (
    Steps[PotIndex]()
    .on(weighted_payouts.PotFunded, PotIndex._funded)
    .on(weighted_payouts.ParticipantPaid, PotIndex._paid)
    .on(weighted_payouts.RemainderReturned, PotIndex._rest)
    .on(weighted_payouts.PotRefunded, PotIndex._refunded)
    .on(weighted_payouts.PaymentKept, PotIndex._kept)
    .on(weighted_payouts.PaymentCollected, PotIndex._collected)
)
