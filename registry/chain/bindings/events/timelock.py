"""What Timelock tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "CallExecuted",
    "CallSalt",
    "CallScheduled",
    "Cancelled",
    "MinDelayChange",
    "RoleAdminChanged",
    "RoleGranted",
    "RoleRevoked",
]


@dataclass(frozen=True, slots=True)
class CallExecuted:
    """`CallExecuted(bytes32, uint256, address, uint256, bytes)`."""

    id: bytes
    index: int
    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CallSalt:
    """`CallSalt(bytes32, bytes32)`."""

    id: bytes
    salt: bytes


@dataclass(frozen=True, slots=True)
class CallScheduled:
    """`CallScheduled(bytes32, uint256, address, uint256, bytes, bytes32, uint256)`."""

    id: bytes
    index: int
    target: str
    value: int
    data: bytes
    predecessor: bytes
    delay: int


@dataclass(frozen=True, slots=True)
class Cancelled:
    """`Cancelled(bytes32)`."""

    id: bytes


@dataclass(frozen=True, slots=True)
class MinDelayChange:
    """`MinDelayChange(uint256, uint256)`."""

    old_duration: int
    new_duration: int


@dataclass(frozen=True, slots=True)
class RoleAdminChanged:
    """`RoleAdminChanged(bytes32, bytes32, bytes32)`."""

    role: bytes
    previous_admin_role: bytes
    new_admin_role: bytes


@dataclass(frozen=True, slots=True)
class RoleGranted:
    """`RoleGranted(bytes32, address, address)`."""

    role: bytes
    account: str
    sender: str


@dataclass(frozen=True, slots=True)
class RoleRevoked:
    """`RoleRevoked(bytes32, address, address)`."""

    role: bytes
    account: str
    sender: str
