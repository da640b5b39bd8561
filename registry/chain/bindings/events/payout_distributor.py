"""What PayoutDistributor tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "DistributionFunded",
    "DistributionSwept",
    "PayoutClaimed",
    "PayoutRootActivated",
    "PayoutRootDropped",
    "PayoutRootPosted",
    "SweepAnnounced",
    "SweepCancelled",
]


@dataclass(frozen=True, slots=True)
class DistributionFunded:
    """`DistributionFunded(ModelId, address, address, uint256)`."""

    model_id: bytes
    token: str
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class DistributionSwept:
    """`DistributionSwept(ModelId, address, address, uint256)`."""

    model_id: bytes
    token: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class PayoutClaimed:
    """`PayoutClaimed(ModelId, address, address, uint256, uint256)`."""

    model_id: bytes
    token: str
    account: str
    amount: int
    cumulative: int


@dataclass(frozen=True, slots=True)
class PayoutRootActivated:
    """`PayoutRootActivated(ModelId, address, bytes32, bytes32)`."""

    model_id: bytes
    token: str
    root: bytes
    former: bytes


@dataclass(frozen=True, slots=True)
class PayoutRootDropped:
    """`PayoutRootDropped(ModelId, address, bytes32, address)`."""

    model_id: bytes
    token: str
    root: bytes
    by: str


@dataclass(frozen=True, slots=True)
class PayoutRootPosted:
    """`PayoutRootPosted(ModelId, address, bytes32, uint256, bytes32, uint64, address)`."""

    model_id: bytes
    token: str
    root: bytes
    total: int
    document_digest: bytes
    activates_at: int
    poster: str


@dataclass(frozen=True, slots=True)
class SweepAnnounced:
    """`SweepAnnounced(ModelId, address, uint64)`."""

    model_id: bytes
    token: str
    claims_end: int


@dataclass(frozen=True, slots=True)
class SweepCancelled:
    """`SweepCancelled(ModelId, address)`."""

    model_id: bytes
    token: str
