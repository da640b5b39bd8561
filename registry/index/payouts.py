"""Escrows, distributions and claims, folded from RewardPool's and PayoutDistributor's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from registry.chain.bindings.events import payout_distributor, reward_pool
from registry.errors import ConfigError
from registry.index.following import Steps, require
from registry.types import Event, Log, ModelId, RoundId

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


class _OfModel(Protocol):
    """An event of what a model pays in a token."""

    @property
    def model_id(self) -> ModelId: ...

    @property
    def token(self) -> str: ...


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
        _STEPS.apply(self, event)

    def _of(self, told: _OfModel) -> DistributionRecord:
        return self.distributions.setdefault((told.model_id, told.token), DistributionRecord())

    def _escrowed(self, event: Log[reward_pool.BudgetEscrowed]) -> None:
        a = event.arguments
        require((a.controller, a.round_id) not in self.escrows, "it is escrowed already")
        self.escrows[a.controller, a.round_id] = EscrowRecord(a.token, a.funder, a.amount)

    def _end_escrow(self, controller: str, round_id: RoundId, state: str) -> EscrowRecord:
        escrow = self.escrows[controller, round_id]
        require(escrow.state == _BEFORE[state], f"an escrow that is {escrow.state}, not held")
        escrow.state = state
        return escrow

    def _refunded(self, event: Log[reward_pool.BudgetRefunded]) -> None:
        self._end_escrow(event.arguments.controller, event.arguments.round_id, "refunded")

    def _withdrawn(self, event: Log[reward_pool.RefundWithdrawn]) -> None:
        a = event.arguments
        escrow = self._end_escrow(a.controller, a.round_id, "withdrawn")
        require(a.amount == escrow.amount, "another amount was escrowed")

    def _released(self, event: Log[reward_pool.BudgetReleased]) -> None:
        a = event.arguments
        escrow = self._end_escrow(a.controller, a.round_id, "released")
        require(a.amount == escrow.amount, "another amount was escrowed")
        require(a.token == escrow.token, "another token was escrowed")
        self._of(a).released.add((a.controller, a.round_id))

    def _funded(self, event: Log[payout_distributor.DistributionFunded]) -> None:
        self._of(event.arguments).funded += event.arguments.amount

    def _posted(self, event: Log[payout_distributor.PayoutRootPosted]) -> None:
        a = event.arguments
        distribution = self._of(event.arguments)
        require(distribution.waiting is None, "a root waits already")
        distribution.roots.append(
            PostedRoot(
                a.root,
                a.total,
                a.document_digest,
                a.activates_at,
                event.block_number,
                a.poster,
                distribution.base,
            )
        )

    def _waiting(self, told: _OfModel, root: bytes) -> PostedRoot:
        waiting = self._of(told).waiting
        if waiting is None or waiting.root != root:
            raise ConfigError("that root doesn't wait")
        return waiting

    def _dropped(self, event: Log[payout_distributor.PayoutRootDropped]) -> None:
        self._waiting(event.arguments, event.arguments.root).state = RootState.DROPPED

    def _activated(self, event: Log[payout_distributor.PayoutRootActivated]) -> None:
        former = self._of(event.arguments).current
        told = event.arguments.former
        require((bytes(32) if former is None else former.root) == told, "another one was current")
        if former is not None:
            former.state = RootState.ENDED
        self._waiting(event.arguments, event.arguments.root).state = RootState.CURRENT

    def _claimed(self, event: Log[payout_distributor.PayoutClaimed]) -> None:
        a = event.arguments
        distribution = self._of(event.arguments)
        distribution.paid += a.amount
        distribution.claimed[a.account] = a.cumulative

    def _announced(self, event: Log[payout_distributor.SweepAnnounced]) -> None:
        self._of(event.arguments).claims_end = event.arguments.claims_end

    def _announcement_ended(self, event: Log[payout_distributor.SweepCancelled]) -> None:
        self._of(event.arguments).claims_end = 0

    def _swept(self, event: Log[payout_distributor.DistributionSwept]) -> None:
        distribution = self._of(event.arguments)
        current = distribution.current
        if current is None:
            raise ConfigError("no root was current")
        current.state = RootState.ENDED
        distribution.swept += event.arguments.amount
        distribution.claims_end = 0
        rounds = distribution.base.rounds | distribution.released
        distribution.base = SweptBase(dict(distribution.claimed), rounds)


_STEPS = (
    Steps[PayoutLedger]()
    .on(reward_pool.BudgetEscrowed, PayoutLedger._escrowed)
    .on(reward_pool.BudgetReleased, PayoutLedger._released)
    .on(reward_pool.BudgetRefunded, PayoutLedger._refunded)
    .on(reward_pool.RefundWithdrawn, PayoutLedger._withdrawn)
    .on(payout_distributor.DistributionFunded, PayoutLedger._funded)
    .on(payout_distributor.PayoutRootPosted, PayoutLedger._posted)
    .on(payout_distributor.PayoutRootDropped, PayoutLedger._dropped)
    .on(payout_distributor.PayoutRootActivated, PayoutLedger._activated)
    .on(payout_distributor.PayoutClaimed, PayoutLedger._claimed)
    .on(payout_distributor.SweepAnnounced, PayoutLedger._announced)
    .on(payout_distributor.SweepCancelled, PayoutLedger._announcement_ended)
    .on(payout_distributor.DistributionSwept, PayoutLedger._swept)
)
