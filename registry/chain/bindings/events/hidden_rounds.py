"""What HiddenRounds tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

from registry.chain.bindings import structs

__all__ = [
    "GroupFrozen",
    "GroupOpened",
    "GroupStranded",
    "KeyOpened",
    "RoundHidden",
    "RoundKeyPublished",
    "SecretsShared",
    "SeedOpened",
    "SharePosted",
]


@dataclass(frozen=True, slots=True)
class GroupFrozen:
    """`GroupFrozen(RoundId, uint256, uint256, uint256)`."""

    round_id: bytes
    group: int
    active: int
    survivors: int


@dataclass(frozen=True, slots=True)
class GroupOpened:
    """`GroupOpened(RoundId, uint256)`."""

    round_id: bytes
    group: int


@dataclass(frozen=True, slots=True)
class GroupStranded:
    """`GroupStranded(RoundId, uint256, uint32)`."""

    round_id: bytes
    group: int
    survivors: int


@dataclass(frozen=True, slots=True)
class KeyOpened:
    """`KeyOpened(RoundId, address, bytes32)`."""

    round_id: bytes
    participant: str
    secret: bytes


@dataclass(frozen=True, slots=True)
class RoundHidden:
    """`RoundHidden(RoundId, HiddenTerms, uint8)`."""

    round_id: bytes
    terms: structs.HiddenTerms
    width: int


@dataclass(frozen=True, slots=True)
class RoundKeyPublished:
    """`RoundKeyPublished(RoundId, address, uint32, uint256, bool)`."""

    round_id: bytes
    participant: str
    index: int
    x: int
    odd: bool


@dataclass(frozen=True, slots=True)
class SecretsShared:
    """`SecretsShared(RoundId, address, bytes32, bytes32, bytes32)`."""

    round_id: bytes
    participant: str
    seed_commitment: bytes
    share_root: bytes
    bundle_digest: bytes


@dataclass(frozen=True, slots=True)
class SeedOpened:
    """`SeedOpened(RoundId, address, bytes32)`."""

    round_id: bytes
    participant: str
    seed: bytes


@dataclass(frozen=True, slots=True)
class SharePosted:
    """`SharePosted(RoundId, address, address, uint8, uint8, bytes32)`."""

    round_id: bytes
    dealer: str
    holder: str
    kind: int
    place: int
    share: bytes
