"""Stakes, locks and awards, folded from StakeVault's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from registry.types import Event

__all__ = ["Lock", "StakeBook", "StakeRecord"]


@dataclass(frozen=True)
class Lock:
    """What names a lock: who holds it, of whom, in which token, under which id of 32 bytes."""

    controller: str
    account: str
    token: str
    lock_id: bytes


@dataclass
class StakeRecord:
    """An account's stake of a token in its smallest unit; `available_at` in seconds since 1970.

    What is `exiting` can be withdrawn from `available_at`; it is 0 without an exit.
    """

    free: int = 0
    locked: int = 0
    exiting: int = 0
    available_at: int = 0
    awarded: int = 0


@dataclass
class StakeBook:
    """Every stake by account and token; locks that hold something; controllers by account."""

    stakes: dict[tuple[str, str], StakeRecord] = field(default_factory=dict)
    locks: dict[Lock, int] = field(default_factory=dict)
    controllers: dict[str, frozenset[str]] = field(default_factory=dict)
    named: dict[str, frozenset[str]] = field(default_factory=dict)
    """Every controller that an account ever named, dismissed ones included."""
    offered: set[str] = field(default_factory=set)
    """The controllers that may be named at all."""

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def of(self, account: str, token: str) -> StakeRecord:
        """Returns an account's stake of a token; an empty one if it has none."""
        return self.stakes.get((account, token), StakeRecord())

    def owed(self, token: str) -> int:
        """Returns what the vault owes in a token (F-5, F-6)."""
        records = [r for (_, kind), r in self.stakes.items() if kind == token]
        return sum(r.free + r.locked + r.exiting + r.awarded for r in records)

    def _of(self, event: Event) -> StakeRecord:
        key = event.arguments["account"], event.arguments["token"]
        return self.stakes.setdefault(key, StakeRecord())

    def _deposited(self, event: Event) -> None:
        self._of(event).free += event.arguments["amount"]

    def _offered(self, event: Event) -> None:
        self.offered.add(event.arguments["controller"])

    def _controller(self, event: Event) -> None:
        a = event.arguments
        ever = self.named.get(a["account"], frozenset())
        self.named[a["account"]] = ever | {a["controller"]}
        kept = self.controllers.get(a["account"], frozenset()) - {a["controller"]}
        self.controllers[a["account"]] = kept | {a["controller"]} if a["allowed"] else kept

    def _change_lock(self, event: Event, change: int) -> None:
        a = event.arguments
        lock = Lock(a["controller"], a["account"], a["token"], a["lockId"])
        held = self.locks.pop(lock, 0) + change
        if held:
            self.locks[lock] = held
        self._of(event).locked += change

    def _locked(self, event: Event) -> None:
        self._change_lock(event, event.arguments["amount"])
        self._of(event).free -= event.arguments["amount"]

    def _unlocked(self, event: Event) -> None:
        self._change_lock(event, -event.arguments["amount"])
        self._of(event).free += event.arguments["amount"]

    def _slashed(self, event: Event) -> None:
        a = event.arguments
        self._change_lock(event, -a["amount"])
        self.stakes.setdefault((a["to"], a["token"]), StakeRecord()).awarded += a["amount"]

    def _exit_requested(self, event: Event) -> None:
        stake, amount = self._of(event), event.arguments["amount"]
        stake.free -= amount
        stake.exiting += amount
        stake.available_at = event.arguments["availableAt"]

    def _exit_cancelled(self, event: Event) -> None:
        stake = self._of(event)
        stake.free += event.arguments["amount"]
        stake.exiting, stake.available_at = 0, 0

    def _withdrawn(self, event: Event) -> None:
        stake = self._of(event)
        stake.exiting, stake.available_at = 0, 0

    def _collected(self, event: Event) -> None:
        self._of(event).awarded = 0


_STEPS: dict[str, Callable[[StakeBook, Event], None]] = {
    "StakeDeposited": StakeBook._deposited,
    "ControllerOffered": StakeBook._offered,
    "ControllerSet": StakeBook._controller,
    "StakeLocked": StakeBook._locked,
    "StakeUnlocked": StakeBook._unlocked,
    "StakeSlashed": StakeBook._slashed,
    "ExitRequested": StakeBook._exit_requested,
    "ExitCancelled": StakeBook._exit_cancelled,
    "StakeWithdrawn": StakeBook._withdrawn,
    "AwardCollected": StakeBook._collected,
}
