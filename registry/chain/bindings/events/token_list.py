"""What TokenList tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["TokenListed"]


@dataclass(frozen=True, slots=True)
class TokenListed:
    """`TokenListed(address, uint256)`."""

    token: str
    least_stake: int
