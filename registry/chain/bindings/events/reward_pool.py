"""What RewardPool tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["BudgetEscrowed", "BudgetRefunded", "BudgetReleased", "RefundWithdrawn"]


@dataclass(frozen=True, slots=True)
class BudgetEscrowed:
    """`BudgetEscrowed(address, RoundId, address, address, uint256)`."""

    controller: str
    round_id: bytes
    token: str
    funder: str
    amount: int


@dataclass(frozen=True, slots=True)
class BudgetRefunded:
    """`BudgetRefunded(address, RoundId)`."""

    controller: str
    round_id: bytes


@dataclass(frozen=True, slots=True)
class BudgetReleased:
    """`BudgetReleased(address, RoundId, ModelId, address, uint256)`."""

    controller: str
    round_id: bytes
    model_id: bytes
    token: str
    amount: int


@dataclass(frozen=True, slots=True)
class RefundWithdrawn:
    """`RefundWithdrawn(address, RoundId, address, uint256)`."""

    controller: str
    round_id: bytes
    funder: str
    amount: int
