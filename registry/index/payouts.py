"""Escrows, distributions and claims, folded from RewardPool's and PayoutDistributor's events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from registry.errors import ConfigError
from registry.index.following import require
from registry.types import Event, ModelId, RoundId

__all__ = [
    "DistributionRecord",
    "EscrowRecord",
    "PayoutLedger",
    "PostedRoot",
    "RootState",
    "SweptBase",
]


@dataclass
class EscrowRecord:
    """A round's budget in the pool; `state` is `held`, `released`, `refunded` or `withdrawn`."""

    token: str
    funder: str
    amount: int
    state: str = "held"


class RootState(StrEnum):
    """What became of a payout root (P-5); `ENDED`: a newer one or a sweep came after it."""

    WAITING = "waiting"
    DROPPED = "dropped"
    CURRENT = "current"
    ENDED = "ended"


@dataclass(frozen=True)
class SweptBase:
    """What payouts begin with after a sweep (P-6): what was claimed; `rounds` owe no more."""

    claimed: Mapping[str, int] = field(default_factory=dict)
    rounds: frozenset[tuple[str, RoundId]] = frozenset()


@dataclass
class PostedRoot:
    """A payout root, counted from `base`. `activates_at` in seconds since 1970."""

    root: bytes
    total: int
    document_digest: bytes
    activates_at: int
    block_number: int
    poster: str
    base: SweptBase = field(default_factory=SweptBase)
    state: RootState = RootState.WAITING


@dataclass
class DistributionRecord:
    """What a model pays in one token, in its smallest unit.

    `funded` is what came in all, `claims_end` the end of claims if a sweep is announced, else 0.
    """

    funded: int = 0
    paid: int = 0
    swept: int = 0
    claims_end: int = 0
    roots: list[PostedRoot] = field(default_factory=list)
    claimed: dict[str, int] = field(default_factory=dict)
    released: set[tuple[str, RoundId]] = field(default_factory=set)
    """The controllers and rounds whose budgets came in."""
    base: SweptBase = field(default_factory=SweptBase)

    @property
    def current(self) -> PostedRoot | None:
        """The root that was made current last, unless a sweep ended it."""
        return self._in(RootState.CURRENT)

    @property
    def waiting(self) -> PostedRoot | None:
        """The root that waits, due or not."""
        return self._in(RootState.WAITING)

    def _in(self, state: RootState) -> PostedRoot | None:
        return next((posted for posted in reversed(self.roots) if posted.state is state), None)


_BEFORE = {"released": "held", "refunded": "held", "withdrawn": "refunded"}


@dataclass
class PayoutLedger:
    """Every escrow by controller and round, every distribution by model and token.

    Anybody may be the controller of escrows of its own, under any round's id: only those that
    TrainingRounds controls are budgets.
    """

    escrows: dict[tuple[str, RoundId], EscrowRecord] = field(default_factory=dict)
    distributions: dict[tuple[ModelId, str], DistributionRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def _of(self, event: Event) -> DistributionRecord:
        key = event.arguments["modelId"], event.arguments["token"]
        return self.distributions.setdefault(key, DistributionRecord())

    def _escrowed(self, event: Event) -> None:
        a = event.arguments
        require((a["controller"], a["roundId"]) not in self.escrows, "it is escrowed already")
        self.escrows[a["controller"], a["roundId"]] = EscrowRecord(
            a["token"], a["funder"], a["amount"]
        )

    def _escrow_state(self, event: Event) -> None:
        state = {
            "BudgetReleased": "released",
            "BudgetRefunded": "refunded",
            "RefundWithdrawn": "withdrawn",
        }[event.name]
        a = event.arguments
        escrow = self.escrows[a["controller"], a["roundId"]]
        require(a.get("amount", escrow.amount) == escrow.amount, "another amount was escrowed")
        require(a.get("token", escrow.token) == escrow.token, "another token was escrowed")
        require(escrow.state == _BEFORE[state], f"an escrow that is {escrow.state}, not held")
        escrow.state = state
        if state == "released":
            key = a["modelId"], a["token"]
            distribution = self.distributions.setdefault(key, DistributionRecord())
            distribution.released.add((a["controller"], a["roundId"]))

    def _funded(self, event: Event) -> None:
        self._of(event).funded += event.arguments["amount"]

    def _posted(self, event: Event) -> None:
        a = event.arguments
        distribution = self._of(event)
        require(distribution.waiting is None, "a root waits already")
        distribution.roots.append(
            PostedRoot(
                a["root"],
                a["total"],
                a["documentDigest"],
                a["activatesAt"],
                event.block_number,
                a["poster"],
                distribution.base,
            )
        )

    def _waiting(self, event: Event) -> PostedRoot:
        waiting = self._of(event).waiting
        if waiting is None or waiting.root != event.arguments["root"]:
            raise ConfigError("that root doesn't wait")
        return waiting

    def _dropped(self, event: Event) -> None:
        self._waiting(event).state = RootState.DROPPED

    def _activated(self, event: Event) -> None:
        former = self._of(event).current
        told = event.arguments["former"]
        require((bytes(32) if former is None else former.root) == told, "another one was current")
        if former is not None:
            former.state = RootState.ENDED
        self._waiting(event).state = RootState.CURRENT

    def _claimed(self, event: Event) -> None:
        a = event.arguments
        distribution = self._of(event)
        distribution.paid += a["amount"]
        distribution.claimed[a["account"]] = a["cumulative"]

    def _announced(self, event: Event) -> None:
        self._of(event).claims_end = event.arguments["claimsEnd"]

    def _announcement_ended(self, event: Event) -> None:
        self._of(event).claims_end = 0

    def _swept(self, event: Event) -> None:
        distribution = self._of(event)
        current = distribution.current
        if current is None:
            raise ConfigError("no root was current")
        current.state = RootState.ENDED
        distribution.swept += event.arguments["amount"]
        distribution.claims_end = 0
        rounds = distribution.base.rounds | distribution.released
        distribution.base = SweptBase(dict(distribution.claimed), rounds)


_STEPS: dict[str, Callable[[PayoutLedger, Event], None]] = {
    "BudgetEscrowed": PayoutLedger._escrowed,
    "BudgetReleased": PayoutLedger._escrow_state,
    "BudgetRefunded": PayoutLedger._escrow_state,
    "RefundWithdrawn": PayoutLedger._escrow_state,
    "DistributionFunded": PayoutLedger._funded,
    "PayoutRootPosted": PayoutLedger._posted,
    "PayoutRootDropped": PayoutLedger._dropped,
    "PayoutRootActivated": PayoutLedger._activated,
    "PayoutClaimed": PayoutLedger._claimed,
    "SweepAnnounced": PayoutLedger._announced,
    "SweepCancelled": PayoutLedger._announcement_ended,
    "DistributionSwept": PayoutLedger._swept,
}
