"""What WeightedPayouts tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "ParticipantPaid",
    "PaymentCollected",
    "PaymentKept",
    "PotFunded",
    "PotRefunded",
    "RemainderReturned",
]


@dataclass(frozen=True, slots=True)
class ParticipantPaid:
    """`ParticipantPaid(RoundId, address, address, uint256)`."""

    round_id: bytes
    token: str
    participant: str
    amount: int


@dataclass(frozen=True, slots=True)
class PaymentCollected:
    """`PaymentCollected(address, address, uint256)`."""

    token: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class PaymentKept:
    """`PaymentKept(address, address, uint256)`."""

    token: str
    account: str
    amount: int


@dataclass(frozen=True, slots=True)
class PotFunded:
    """`PotFunded(RoundId, address, address, uint256)`."""

    round_id: bytes
    token: str
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class PotRefunded:
    """`PotRefunded(RoundId, address, address, uint256)`."""

    round_id: bytes
    token: str
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class RemainderReturned:
    """`RemainderReturned(RoundId, address, address, uint256)`."""

    round_id: bytes
    token: str
    sponsor: str
    amount: int
