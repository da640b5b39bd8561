"""Calls of Forfeits.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["Forfeits"]


class Forfeits(BoundContract):
    """The functions of Forfeits: views to read, calls to send."""

    def collecting(self) -> View[int]:
        """`COLLECTING()`."""
        return View(self.contract, "COLLECTING", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def accounted(self, token: str) -> View[int]:
        """`accounted(address)`."""
        return View(self.contract, "accounted", (token,))

    def bond_of(self, controller: str, round_id: bytes) -> View[structs.Bond]:
        """`bondOf(address, RoundId)`."""
        return View(self.contract, "bondOf", (controller, round_id))

    def collect(self, controller: str, round_id: bytes, participant: str) -> Call:
        """`collect(address, RoundId, address)`."""
        return Call(self.contract, "collect", (controller, round_id, participant))

    def collect_from_batch(
        self,
        controller: str,
        round_id: bytes,
        batch: int,
        leaf: structs.RevealLeaf,
        proof: Sequence[bytes],
    ) -> Call:
        """`collectFromBatch(address, RoundId, uint32, RevealLeaf, bytes32[])`."""
        return Call(self.contract, "collectFromBatch", (controller, round_id, batch, leaf, proof))

    def forfeit(self, round_id: bytes) -> Call:
        """`forfeit(RoundId)`."""
        return Call(self.contract, "forfeit", (round_id,))

    def has_collected(self, controller: str, round_id: bytes, participant: str) -> View[bool]:
        """`hasCollected(address, RoundId, address)`."""
        return View(self.contract, "hasCollected", (controller, round_id, participant))

    def hold(self, round_id: bytes, token: str, funder: str, each: int, amount: int) -> Call:
        """`hold(RoundId, address, address, uint128, uint256)`."""
        return Call(self.contract, "hold", (round_id, token, funder, each, amount))

    def release(self, round_id: bytes) -> Call:
        """`release(RoundId)`."""
        return Call(self.contract, "release", (round_id,))

    def withdraw(self, controller: str, round_id: bytes) -> Call:
        """`withdraw(address, RoundId)`."""
        return Call(self.contract, "withdraw", (controller, round_id))
