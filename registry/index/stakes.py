"""Stakes, locks and awards, folded from StakeVault's events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from registry.chain.bindings.events import stake_vault
from registry.index.following import Steps
from registry.types import Event, Log

__all__ = ["Lock", "StakeIndex", "StakeRecord"]


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


class _OfStake(Protocol):
    """An event of one stake."""

    @property
    def account(self) -> str: ...

    @property
    def token(self) -> str: ...


class _OfLock(Protocol):
    """An event of one lock."""

    @property
    def controller(self) -> str: ...

    @property
    def account(self) -> str: ...

    @property
    def token(self) -> str: ...

    @property
    def lock_id(self) -> bytes: ...


@dataclass
class StakeIndex:
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
        _STEPS.apply(self, event)

    def of(self, account: str, token: str) -> StakeRecord:
        """Returns an account's stake of a token; an empty one if it has none."""
        return self.stakes.get((account, token), StakeRecord())

    def owed(self, token: str) -> int:
        """Returns what the vault owes in a token (F-5, F-6)."""
        records = [r for (_, kind), r in self.stakes.items() if kind == token]
        return sum(r.free + r.locked + r.exiting + r.awarded for r in records)

    def _of(self, told: _OfStake) -> StakeRecord:
        return self.stakes.setdefault((told.account, told.token), StakeRecord())

    def _deposited(self, event: Log[stake_vault.StakeDeposited]) -> None:
        self._of(event.arguments).free += event.arguments.amount

    def _offered(self, event: Log[stake_vault.ControllerOffered]) -> None:
        self.offered.add(event.arguments.controller)

    def _controller(self, event: Log[stake_vault.ControllerSet]) -> None:
        a = event.arguments
        ever = self.named.get(a.account, frozenset())
        self.named[a.account] = ever | {a.controller}
        kept = self.controllers.get(a.account, frozenset()) - {a.controller}
        self.controllers[a.account] = kept | {a.controller} if a.allowed else kept

    def _change_lock(self, told: _OfLock, change: int) -> None:
        lock = Lock(told.controller, told.account, told.token, told.lock_id)
        held = self.locks.pop(lock, 0) + change
        if held:
            self.locks[lock] = held
        self._of(told).locked += change

    def _locked(self, event: Log[stake_vault.StakeLocked]) -> None:
        self._change_lock(event.arguments, event.arguments.amount)
        self._of(event.arguments).free -= event.arguments.amount

    def _unlocked(self, event: Log[stake_vault.StakeUnlocked]) -> None:
        self._change_lock(event.arguments, -event.arguments.amount)
        self._of(event.arguments).free += event.arguments.amount

    def _slashed(self, event: Log[stake_vault.StakeSlashed]) -> None:
        a = event.arguments
        self._change_lock(a, -a.amount)
        self.stakes.setdefault((a.to, a.token), StakeRecord()).awarded += a.amount

    def _exit_requested(self, event: Log[stake_vault.ExitRequested]) -> None:
        stake, amount = self._of(event.arguments), event.arguments.amount
        stake.free -= amount
        stake.exiting += amount
        stake.available_at = event.arguments.available_at

    def _exit_cancelled(self, event: Log[stake_vault.ExitCancelled]) -> None:
        stake = self._of(event.arguments)
        stake.free += event.arguments.amount
        stake.exiting, stake.available_at = 0, 0

    def _withdrawn(self, event: Log[stake_vault.StakeWithdrawn]) -> None:
        stake = self._of(event.arguments)
        stake.exiting, stake.available_at = 0, 0

    def _collected(self, event: Log[stake_vault.AwardCollected]) -> None:
        self._of(event.arguments).awarded = 0


_STEPS = (
    Steps[StakeIndex]()
    .on(stake_vault.StakeDeposited, StakeIndex._deposited)
    .on(stake_vault.ControllerOffered, StakeIndex._offered)
    .on(stake_vault.ControllerSet, StakeIndex._controller)
    .on(stake_vault.StakeLocked, StakeIndex._locked)
    .on(stake_vault.StakeUnlocked, StakeIndex._unlocked)
    .on(stake_vault.StakeSlashed, StakeIndex._slashed)
    .on(stake_vault.ExitRequested, StakeIndex._exit_requested)
    .on(stake_vault.ExitCancelled, StakeIndex._exit_cancelled)
    .on(stake_vault.StakeWithdrawn, StakeIndex._withdrawn)
    .on(stake_vault.AwardCollected, StakeIndex._collected)
)
