"""What Disputes tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FaultAnnounced"]


@dataclass(frozen=True, slots=True)
class FaultAnnounced:
    """`FaultAnnounced(bytes32, address)`."""

    call: bytes
    caller: str
