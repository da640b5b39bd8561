"""What RewardToken tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Approval", "DelegateChanged", "DelegateVotesChanged", "EIP712DomainChanged", "Transfer"]


@dataclass(frozen=True, slots=True)
class Approval:
    """`Approval(address, address, uint256)`."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True)
class DelegateChanged:
    """`DelegateChanged(address, address, address)`."""

    delegator: str
    from_delegate: str
    to_delegate: str


@dataclass(frozen=True, slots=True)
class DelegateVotesChanged:
    """`DelegateVotesChanged(address, uint256, uint256)`."""

    delegate: str
    previous_votes: int
    new_votes: int


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """`EIP712DomainChanged()`."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """`Transfer(address, address, uint256)`."""

    from_: str
    to: str
    value: int
