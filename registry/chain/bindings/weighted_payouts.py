"""Calls of WeightedPayouts.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["WeightedPayouts"]


class WeightedPayouts(BoundContract):
    """The functions of WeightedPayouts: views to read, calls to send."""

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def collect(self, token: str, account: str) -> Call:
        """`collect(address, address)`."""
        return Call(self.contract, "collect", (token, account))

    def fund(self, round_id: bytes, token: str, amount: int) -> Call:
        """`fund(RoundId, address, uint256)`."""
        return Call(self.contract, "fund", (round_id, token, amount))

    def fund_for(self, round_id: bytes, token: str, amount: int, funder: str) -> Call:
        """`fundFor(RoundId, address, uint256, address)`."""
        return Call(self.contract, "fundFor", (round_id, token, amount, funder))

    def funded_by(self, argument_1: bytes, token: str, funder: str) -> View[int]:
        """`fundedBy(RoundId, address, address)`."""
        return View(self.contract, "fundedBy", (argument_1, token, funder))

    def is_paid(self, argument_1: bytes, token: str, participant: str) -> View[bool]:
        """`isPaid(RoundId, address, address)`."""
        return View(self.contract, "isPaid", (argument_1, token, participant))

    def kept_for(self, token: str, account: str) -> View[int]:
        """`keptFor(address, address)`."""
        return View(self.contract, "keptFor", (token, account))

    def owed(self, token: str) -> View[int]:
        """`owed(address)`."""
        return View(self.contract, "owed", (token,))

    def pay(
        self, round_id: bytes, token: str, proposal: structs.Proposal, group: structs.Group
    ) -> Call:
        """`pay(RoundId, address, Proposal, IWeightedPayouts.Group)`."""
        return Call(self.contract, "pay", (round_id, token, proposal, group))

    def pay_by_root(
        self,
        round_id: bytes,
        token: str,
        proposal: structs.Proposal,
        account: str,
        amount: int,
        proof: Sequence[bytes],
    ) -> Call:
        """`payByRoot(RoundId, address, Proposal, address, uint256, bytes32[])`."""
        return Call(self.contract, "payByRoot", (round_id, token, proposal, account, amount, proof))

    def pot_of(self, round_id: bytes, token: str) -> View[structs.Pot]:
        """`potOf(RoundId, address)`."""
        return View(self.contract, "potOf", (round_id, token))

    def refund(self, round_id: bytes, token: str, funder: str) -> Call:
        """`refund(RoundId, address, address)`."""
        return Call(self.contract, "refund", (round_id, token, funder))

    def return_remainder(self, round_id: bytes, token: str, proposal: structs.Proposal) -> Call:
        """`returnRemainder(RoundId, address, Proposal)`."""
        return Call(self.contract, "returnRemainder", (round_id, token, proposal))

    def rounds(self) -> View[str]:
        """`rounds()`."""
        return View(self.contract, "rounds", ())

    def staked(self) -> View[str]:
        """`staked()`."""
        return View(self.contract, "staked", ())

    def tokens(self) -> View[str]:
        """`tokens()`."""
        return View(self.contract, "tokens", ())
