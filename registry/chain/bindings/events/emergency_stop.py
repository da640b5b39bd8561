"""What EmergencyStop tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["GuardianNamed", "PartStopSet", "RoundFreezeSet", "TokenFreezeSet"]


@dataclass(frozen=True, slots=True)
class GuardianNamed:
    """`GuardianNamed(address)`."""

    guardian: str


@dataclass(frozen=True, slots=True)
class PartStopSet:
    """`PartStopSet(IEmergencyStop.Part, bool)`."""

    part: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class RoundFreezeSet:
    """`RoundFreezeSet(RoundId, bool)`."""

    round_id: bytes
    frozen: bool


@dataclass(frozen=True, slots=True)
class TokenFreezeSet:
    """`TokenFreezeSet(address, bool)`."""

    token: str
    frozen: bool
