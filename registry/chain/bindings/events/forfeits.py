"""What Forfeits tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BondForfeited", "BondHeld", "BondReleased", "BondWithdrawn", "ForfeitCollected"]


@dataclass(frozen=True, slots=True)
class BondForfeited:
    """`BondForfeited(address, RoundId, uint64)`."""

    controller: str
    round_id: bytes
    closes_at: int


@dataclass(frozen=True, slots=True)
class BondHeld:
    """`BondHeld(address, RoundId, address, address, uint128, uint256)`."""

    controller: str
    round_id: bytes
    token: str
    funder: str
    each: int
    amount: int


@dataclass(frozen=True, slots=True)
class BondReleased:
    """`BondReleased(address, RoundId)`."""

    controller: str
    round_id: bytes


@dataclass(frozen=True, slots=True)
class BondWithdrawn:
    """`BondWithdrawn(address, RoundId, address, uint256)`."""

    controller: str
    round_id: bytes
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class ForfeitCollected:
    """`ForfeitCollected(address, RoundId, address, uint128)`."""

    controller: str
    round_id: bytes
    participant: str
    amount: int
