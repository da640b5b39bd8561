"""What Availability tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "EIP712DomainChanged",
    "ResultCertified",
    "ResultVouchedFor",
    "UpdatesCertified",
    "UpdatesVouchedFor",
]


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """`EIP712DomainChanged()`."""


@dataclass(frozen=True, slots=True)
class ResultCertified:
    """`ResultCertified(RoundId, uint32, address[])`."""

    round_id: bytes
    proposal: int
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ResultVouchedFor:
    """`ResultVouchedFor(RoundId, uint32, address)`."""

    round_id: bytes
    proposal: int
    holder: str


@dataclass(frozen=True, slots=True)
class UpdatesCertified:
    """`UpdatesCertified(RoundId, uint256, address[], uint256[][], uint256[])`."""

    round_id: bytes
    certificate: int
    holders: tuple[str, ...]
    held: tuple[tuple[int, ...], ...]
    certified: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class UpdatesVouchedFor:
    """`UpdatesVouchedFor(RoundId, address, uint256[])`."""

    round_id: bytes
    holder: str
    held: tuple[int, ...]
