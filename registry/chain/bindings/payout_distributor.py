"""Calls of PayoutDistributor.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["PayoutDistributor"]


class PayoutDistributor(BoundContract):
    """The functions of PayoutDistributor: views to read, calls to send."""

    def max_claim_period(self) -> View[int]:
        """`MAX_CLAIM_PERIOD()`."""
        return View(self.contract, "MAX_CLAIM_PERIOD", ())

    def max_delay(self) -> View[int]:
        """`MAX_DELAY()`."""
        return View(self.contract, "MAX_DELAY", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def activate_root(self, model_id: bytes, token: str) -> Call:
        """`activateRoot(ModelId, address)`."""
        return Call(self.contract, "activateRoot", (model_id, token))

    def activation_delay(self) -> View[int]:
        """`activationDelay()`."""
        return View(self.contract, "activationDelay", ())

    def announce_sweep(self, model_id: bytes, token: str) -> Call:
        """`announceSweep(ModelId, address)`."""
        return Call(self.contract, "announceSweep", (model_id, token))

    def cancel_root(self, model_id: bytes, token: str) -> Call:
        """`cancelRoot(ModelId, address)`."""
        return Call(self.contract, "cancelRoot", (model_id, token))

    def claim(
        self,
        model_id: bytes,
        token: str,
        root: bytes,
        account: str,
        cumulative: int,
        proof: Sequence[bytes],
    ) -> Call:
        """`claim(ModelId, address, bytes32, address, uint256, bytes32[])`."""
        return Call(self.contract, "claim", (model_id, token, root, account, cumulative, proof))

    def claim_period(self) -> View[int]:
        """`claimPeriod()`."""
        return View(self.contract, "claimPeriod", ())

    def claimed_of(self, model_id: bytes, token: str, account: str) -> View[int]:
        """`claimedOf(ModelId, address, address)`."""
        return View(self.contract, "claimedOf", (model_id, token, account))

    def current_root_of(self, model_id: bytes, token: str) -> View[bytes]:
        """`currentRootOf(ModelId, address)`."""
        return View(self.contract, "currentRootOf", (model_id, token))

    def distribution_of(self, model_id: bytes, token: str) -> View[structs.Distribution]:
        """`distributionOf(ModelId, address)`."""
        return View(self.contract, "distributionOf", (model_id, token))

    def emergency_stop(self) -> View[str]:
        """`emergencyStop()`."""
        return View(self.contract, "emergencyStop", ())

    def fund(self, model_id: bytes, token: str, amount: int) -> Call:
        """`fund(ModelId, address, uint256)`."""
        return Call(self.contract, "fund", (model_id, token, amount))

    def pending_root_of(self, model_id: bytes, token: str) -> View[structs.PendingRoot]:
        """`pendingRootOf(ModelId, address)`."""
        return View(self.contract, "pendingRootOf", (model_id, token))

    def post_root(
        self, model_id: bytes, token: str, root: bytes, total: int, document_digest: bytes
    ) -> Call:
        """`postRoot(ModelId, address, bytes32, uint256, bytes32)`."""
        return Call(self.contract, "postRoot", (model_id, token, root, total, document_digest))

    def registry(self) -> View[str]:
        """`registry()`."""
        return View(self.contract, "registry", ())

    def sweep(self, model_id: bytes, token: str, to: str) -> Call:
        """`sweep(ModelId, address, address)`."""
        return Call(self.contract, "sweep", (model_id, token, to))
