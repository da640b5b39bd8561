"""Calls of RewardToken.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["RewardToken"]


class RewardToken(BoundContract):
    """The functions of RewardToken: views to read, calls to send."""

    def clock_mode(self) -> View[str]:
        """`CLOCK_MODE()`."""
        return View(self.contract, "CLOCK_MODE", ())

    def domain_separator(self) -> View[bytes]:
        """`DOMAIN_SEPARATOR()`."""
        return View(self.contract, "DOMAIN_SEPARATOR", ())

    def max_epoch_length(self) -> View[int]:
        """`MAX_EPOCH_LENGTH()`."""
        return View(self.contract, "MAX_EPOCH_LENGTH", ())

    def min_epoch_length(self) -> View[int]:
        """`MIN_EPOCH_LENGTH()`."""
        return View(self.contract, "MIN_EPOCH_LENGTH", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def allowance(self, owner: str, spender: str) -> View[int]:
        """`allowance(address, address)`."""
        return View(self.contract, "allowance", (owner, spender))

    def approve(self, spender: str, value: int) -> Call:
        """`approve(address, uint256)`."""
        return Call(self.contract, "approve", (spender, value))

    def balance_of(self, account: str) -> View[int]:
        """`balanceOf(address)`."""
        return View(self.contract, "balanceOf", (account,))

    def cap(self) -> View[int]:
        """`cap()`."""
        return View(self.contract, "cap", ())

    def checkpoints(self, account: str, pos: int) -> View[structs.Checkpoint208]:
        """`checkpoints(address, uint32)`."""
        return View(self.contract, "checkpoints", (account, pos))

    def clock(self) -> View[int]:
        """`clock()`."""
        return View(self.contract, "clock", ())

    def decimals(self) -> View[int]:
        """`decimals()`."""
        return View(self.contract, "decimals", ())

    def delegate(self, delegatee: str) -> Call:
        """`delegate(address)`."""
        return Call(self.contract, "delegate", (delegatee,))

    def delegate_by_sig(
        self, delegatee: str, nonce: int, expiry: int, v: int, r: bytes, s: bytes
    ) -> Call:
        """`delegateBySig(address, uint256, uint256, uint8, bytes32, bytes32)`."""
        return Call(self.contract, "delegateBySig", (delegatee, nonce, expiry, v, r, s))

    def delegates(self, account: str) -> View[str]:
        """`delegates(address)`."""
        return View(self.contract, "delegates", (account,))

    def eip712_domain(self) -> View[tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]]:
        """`eip712Domain()`."""
        return View(self.contract, "eip712Domain", ())

    def epoch_length(self) -> View[int]:
        """`epochLength()`."""
        return View(self.contract, "epochLength", ())

    def get_past_total_supply(self, timepoint: int) -> View[int]:
        """`getPastTotalSupply(uint256)`."""
        return View(self.contract, "getPastTotalSupply", (timepoint,))

    def get_past_votes(self, account: str, timepoint: int) -> View[int]:
        """`getPastVotes(address, uint256)`."""
        return View(self.contract, "getPastVotes", (account, timepoint))

    def get_votes(self, account: str) -> View[int]:
        """`getVotes(address)`."""
        return View(self.contract, "getVotes", (account,))

    def mint(self, to: str, amount: int) -> Call:
        """`mint(address, uint256)`."""
        return Call(self.contract, "mint", (to, amount))

    def mintable(self) -> View[int]:
        """`mintable()`."""
        return View(self.contract, "mintable", ())

    def minter(self) -> View[str]:
        """`minter()`."""
        return View(self.contract, "minter", ())

    def name(self) -> View[str]:
        """`name()`."""
        return View(self.contract, "name", ())

    def nonces(self, owner: str) -> View[int]:
        """`nonces(address)`."""
        return View(self.contract, "nonces", (owner,))

    def num_checkpoints(self, account: str) -> View[int]:
        """`numCheckpoints(address)`."""
        return View(self.contract, "numCheckpoints", (account,))

    def permit(
        self, owner: str, spender: str, value: int, deadline: int, v: int, r: bytes, s: bytes
    ) -> Call:
        """`permit(address, address, uint256, uint256, uint8, bytes32, bytes32)`."""
        return Call(self.contract, "permit", (owner, spender, value, deadline, v, r, s))

    def symbol(self) -> View[str]:
        """`symbol()`."""
        return View(self.contract, "symbol", ())

    def total_supply(self) -> View[int]:
        """`totalSupply()`."""
        return View(self.contract, "totalSupply", ())

    def transfer(self, to: str, value: int) -> Call:
        """`transfer(address, uint256)`."""
        return Call(self.contract, "transfer", (to, value))

    def transfer_from(self, from_: str, to: str, value: int) -> Call:
        """`transferFrom(address, address, uint256)`."""
        return Call(self.contract, "transferFrom", (from_, to, value))
