"""What StakeVault tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AwardCollected",
    "ControllerOffered",
    "ControllerSet",
    "ExitCancelled",
    "ExitRequested",
    "StakeDeposited",
    "StakeLocked",
    "StakeSlashed",
    "StakeUnlocked",
    "StakeWithdrawn",
]


@dataclass(frozen=True, slots=True)
class AwardCollected:
    """`AwardCollected(address, address, uint256)`."""

    account: str
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class ControllerOffered:
    """`ControllerOffered(address)`."""

    controller: str


@dataclass(frozen=True, slots=True)
class ControllerSet:
    """`ControllerSet(address, address, bool)`."""

    account: str
    controller: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class ExitCancelled:
    """`ExitCancelled(address, address, uint256)`."""

    account: str
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class ExitRequested:
    """`ExitRequested(address, address, uint256, uint256)`."""

    account: str
    token: str
    amount: int
    available_at: int


@dataclass(frozen=True, slots=True)
class StakeDeposited:
    """`StakeDeposited(address, address, address, uint256)`."""

    account: str
    token: str
    payer: str
    amount: int


@dataclass(frozen=True, slots=True)
class StakeLocked:
    """`StakeLocked(address, address, LockId, address, uint256)`."""

    controller: str
    account: str
    lock_id: bytes
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class StakeSlashed:
    """`StakeSlashed(address, address, LockId, address, uint256, address)`."""

    controller: str
    account: str
    lock_id: bytes
    token: str
    amount: int
    to: str


@dataclass(frozen=True, slots=True)
class StakeUnlocked:
    """`StakeUnlocked(address, address, LockId, address, uint256)`."""

    controller: str
    account: str
    lock_id: bytes
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class StakeWithdrawn:
    """`StakeWithdrawn(address, address, uint256)`."""

    account: str
    token: str
    amount: int
