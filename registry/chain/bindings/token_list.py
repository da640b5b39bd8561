"""Calls of TokenList.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.calls import BoundContract, Call, View

__all__ = ["TokenList"]


class TokenList(BoundContract):
    """The functions of TokenList: views to read, calls to send."""

    def max_least_stake(self) -> View[int]:
        """`MAX_LEAST_STAKE()`."""
        return View(self.contract, "MAX_LEAST_STAKE", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def allow(self, token: str, least_stake: int) -> Call:
        """`allow(address, uint256)`."""
        return Call(self.contract, "allow", (token, least_stake))

    def governor(self) -> View[str]:
        """`governor()`."""
        return View(self.contract, "governor", ())

    def is_allowed(self, token: str) -> View[bool]:
        """`isAllowed(address)`."""
        return View(self.contract, "isAllowed", (token,))

    def least_stake(self, token: str) -> View[int]:
        """`leastStake(address)`."""
        return View(self.contract, "leastStake", (token,))

    def tokens(self) -> View[tuple[str, ...]]:
        """`tokens()`."""
        return View(self.contract, "tokens", ())
