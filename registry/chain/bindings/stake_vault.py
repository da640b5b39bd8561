"""Calls of StakeVault.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.calls import BoundContract, Call, View

__all__ = ["StakeVault"]


class StakeVault(BoundContract):
    """The functions of StakeVault: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def award_of(self, account: str, token: str) -> View[int]:
        """`awardOf(address, address)`."""
        return View(self.contract, "awardOf", (account, token))

    def cancel_exit(self, token: str) -> Call:
        """`cancelExit(address)`."""
        return Call(self.contract, "cancelExit", (token,))

    def collect(self, account: str, token: str) -> Call:
        """`collect(address, address)`."""
        return Call(self.contract, "collect", (account, token))

    def deposit(self, token: str, amount: int) -> Call:
        """`deposit(address, uint256)`."""
        return Call(self.contract, "deposit", (token, amount))

    def deposit_for(self, account: str, token: str, amount: int) -> Call:
        """`depositFor(address, address, uint256)`."""
        return Call(self.contract, "depositFor", (account, token, amount))

    def exit_of(self, account: str, token: str) -> View[tuple[int, int]]:
        """`exitOf(address, address)`."""
        return View(self.contract, "exitOf", (account, token))

    def free_of(self, account: str, token: str) -> View[int]:
        """`freeOf(address, address)`."""
        return View(self.contract, "freeOf", (account, token))

    def is_controller(self, account: str, controller: str) -> View[bool]:
        """`isController(address, address)`."""
        return View(self.contract, "isController", (account, controller))

    def is_offered(self, controller: str) -> View[bool]:
        """`isOffered(address)`."""
        return View(self.contract, "isOffered", (controller,))

    def lock(self, account: str, token: str, lock_id: bytes, amount: int) -> Call:
        """`lock(address, address, LockId, uint256)`."""
        return Call(self.contract, "lock", (account, token, lock_id, amount))

    def lock_of(self, controller: str, account: str, token: str, lock_id: bytes) -> View[int]:
        """`lockOf(address, address, address, LockId)`."""
        return View(self.contract, "lockOf", (controller, account, token, lock_id))

    def locked_of(self, account: str, token: str) -> View[int]:
        """`lockedOf(address, address)`."""
        return View(self.contract, "lockedOf", (account, token))

    def owed(self, token: str) -> View[int]:
        """`owed(address)`."""
        return View(self.contract, "owed", (token,))

    def request_exit(self, token: str, amount: int) -> Call:
        """`requestExit(address, uint256)`."""
        return Call(self.contract, "requestExit", (token, amount))

    def set_controller(self, controller: str, allowed: bool) -> Call:
        """`setController(address, bool)`."""
        return Call(self.contract, "setController", (controller, allowed))

    def slash(self, account: str, token: str, lock_id: bytes, amount: int, to: str) -> Call:
        """`slash(address, address, LockId, uint256, address)`."""
        return Call(self.contract, "slash", (account, token, lock_id, amount, to))

    def tokens(self) -> View[str]:
        """`tokens()`."""
        return View(self.contract, "tokens", ())

    def unbonding_delay(self) -> View[int]:
        """`unbondingDelay()`."""
        return View(self.contract, "unbondingDelay", ())

    def unlock(self, account: str, token: str, lock_id: bytes, amount: int) -> Call:
        """`unlock(address, address, LockId, uint256)`."""
        return Call(self.contract, "unlock", (account, token, lock_id, amount))

    def withdraw(self, token: str) -> Call:
        """`withdraw(address)`."""
        return Call(self.contract, "withdraw", (token,))
