"""Calls of RewardPool.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["RewardPool"]


class RewardPool(BoundContract):
    """The functions of RewardPool: views to read, calls to send."""

    def max_budget(self) -> View[int]:
        """`MAX_BUDGET()`."""
        return View(self.contract, "MAX_BUDGET", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def accounted(self, token: str) -> View[int]:
        """`accounted(address)`."""
        return View(self.contract, "accounted", (token,))

    def distributor(self) -> View[str]:
        """`distributor()`."""
        return View(self.contract, "distributor", ())

    def escrow(self, round_id: bytes, token: str, funder: str, amount: int) -> Call:
        """`escrow(RoundId, address, address, uint256)`."""
        return Call(self.contract, "escrow", (round_id, token, funder, amount))

    def escrow_of(self, controller: str, round_id: bytes) -> View[structs.Escrow]:
        """`escrowOf(address, RoundId)`."""
        return View(self.contract, "escrowOf", (controller, round_id))

    def refund(self, round_id: bytes) -> Call:
        """`refund(RoundId)`."""
        return Call(self.contract, "refund", (round_id,))

    def release(self, round_id: bytes, model_id: bytes) -> Call:
        """`release(RoundId, ModelId)`."""
        return Call(self.contract, "release", (round_id, model_id))

    def withdraw_refund(self, controller: str, round_id: bytes) -> Call:
        """`withdrawRefund(address, RoundId)`."""
        return Call(self.contract, "withdrawRefund", (controller, round_id))
