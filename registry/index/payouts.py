"""Escrows, distributions and claims, folded from RewardPool's and PayoutDistributor's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.index.following import require
from registry.types import Event, ModelId, RoundId

__all__ = ["DistributionRecord", "EscrowRecord", "PayoutLedger", "PostedRoot"]


@dataclass
class EscrowRecord:
    """A round's budget in the pool; `state` is `held`, `released`, `refunded` or `withdrawn`."""

    token: str
    funder: str
    amount: int
    state: str = "held"


@dataclass
class PostedRoot:
    """A payout root. `activates_at` in seconds since 1970."""

    root: bytes
    total: int
    document_digest: bytes
    activates_at: int
    block_number: int
    disabled: bool = False


@dataclass
class DistributionRecord:
    """What a model pays in one token, in its smallest unit."""

    funded: int = 0
    paid: int = 0
    swept: int = 0
    roots: list[PostedRoot] = field(default_factory=list)
    claimed: dict[str, int] = field(default_factory=dict)

    @property
    def newest(self) -> PostedRoot | None:
        """The newest root that isn't disabled."""
        standing = [r for r in self.roots if not r.disabled]
        return standing[-1] if standing else None


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

    def _funded(self, event: Event) -> None:
        self._of(event).funded += event.arguments["amount"]

    def _posted(self, event: Event) -> None:
        a = event.arguments
        posted = PostedRoot(
            a["root"], a["total"], a["documentDigest"], a["activatesAt"], event.block_number
        )
        roots = self._of(event).roots
        require(all(root.root != posted.root for root in roots), "the root is posted already")
        roots.append(posted)

    def _disabled(self, event: Event) -> None:
        for posted in self._of(event).roots:
            if posted.root == event.arguments["root"]:
                posted.disabled = True

    def _claimed(self, event: Event) -> None:
        a = event.arguments
        distribution = self._of(event)
        distribution.paid += a["amount"]
        distribution.claimed[a["account"]] = a["cumulative"]

    def _swept(self, event: Event) -> None:
        self._of(event).swept += event.arguments["amount"]


_STEPS: dict[str, Callable[[PayoutLedger, Event], None]] = {
    "BudgetEscrowed": PayoutLedger._escrowed,
    "BudgetReleased": PayoutLedger._escrow_state,
    "BudgetRefunded": PayoutLedger._escrow_state,
    "RefundWithdrawn": PayoutLedger._escrow_state,
    "DistributionFunded": PayoutLedger._funded,
    "PayoutRootPosted": PayoutLedger._posted,
    "PayoutRootDisabled": PayoutLedger._disabled,
    "PayoutClaimed": PayoutLedger._claimed,
    "DistributionSwept": PayoutLedger._swept,
}
