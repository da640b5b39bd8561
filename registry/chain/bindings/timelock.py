"""Calls of Timelock.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.calls import BoundContract, Call, View

__all__ = ["Timelock"]


class Timelock(BoundContract):
    """The functions of Timelock: views to read, calls to send."""

    def canceller_role(self) -> View[bytes]:
        """`CANCELLER_ROLE()`."""
        return View(self.contract, "CANCELLER_ROLE", ())

    def default_admin_role(self) -> View[bytes]:
        """`DEFAULT_ADMIN_ROLE()`."""
        return View(self.contract, "DEFAULT_ADMIN_ROLE", ())

    def executor_role(self) -> View[bytes]:
        """`EXECUTOR_ROLE()`."""
        return View(self.contract, "EXECUTOR_ROLE", ())

    def max_delay(self) -> View[int]:
        """`MAX_DELAY()`."""
        return View(self.contract, "MAX_DELAY", ())

    def proposer_role(self) -> View[bytes]:
        """`PROPOSER_ROLE()`."""
        return View(self.contract, "PROPOSER_ROLE", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def cancel(self, id: bytes) -> Call:
        """`cancel(bytes32)`."""
        return Call(self.contract, "cancel", (id,))

    def execute(
        self, target: str, value: int, payload: bytes, predecessor: bytes, salt: bytes
    ) -> Call:
        """`execute(address, uint256, bytes, bytes32, bytes32)`."""
        return Call(self.contract, "execute", (target, value, payload, predecessor, salt))

    def execute_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
    ) -> Call:
        """`executeBatch(address[], uint256[], bytes[], bytes32, bytes32)`."""
        return Call(self.contract, "executeBatch", (targets, values, payloads, predecessor, salt))

    def get_min_delay(self) -> View[int]:
        """`getMinDelay()`."""
        return View(self.contract, "getMinDelay", ())

    def get_operation_state(self, id: bytes) -> View[int]:
        """`getOperationState(bytes32)`."""
        return View(self.contract, "getOperationState", (id,))

    def get_role_admin(self, role: bytes) -> View[bytes]:
        """`getRoleAdmin(bytes32)`."""
        return View(self.contract, "getRoleAdmin", (role,))

    def get_timestamp(self, id: bytes) -> View[int]:
        """`getTimestamp(bytes32)`."""
        return View(self.contract, "getTimestamp", (id,))

    def grant_role(self, role: bytes, account: str) -> Call:
        """`grantRole(bytes32, address)`."""
        return Call(self.contract, "grantRole", (role, account))

    def has_role(self, role: bytes, account: str) -> View[bool]:
        """`hasRole(bytes32, address)`."""
        return View(self.contract, "hasRole", (role, account))

    def hash_operation(
        self, target: str, value: int, data: bytes, predecessor: bytes, salt: bytes
    ) -> View[bytes]:
        """`hashOperation(address, uint256, bytes, bytes32, bytes32)`."""
        return View(self.contract, "hashOperation", (target, value, data, predecessor, salt))

    def hash_operation_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
    ) -> View[bytes]:
        """`hashOperationBatch(address[], uint256[], bytes[], bytes32, bytes32)`."""
        return View(
            self.contract, "hashOperationBatch", (targets, values, payloads, predecessor, salt)
        )

    def is_operation(self, id: bytes) -> View[bool]:
        """`isOperation(bytes32)`."""
        return View(self.contract, "isOperation", (id,))

    def is_operation_done(self, id: bytes) -> View[bool]:
        """`isOperationDone(bytes32)`."""
        return View(self.contract, "isOperationDone", (id,))

    def is_operation_pending(self, id: bytes) -> View[bool]:
        """`isOperationPending(bytes32)`."""
        return View(self.contract, "isOperationPending", (id,))

    def is_operation_ready(self, id: bytes) -> View[bool]:
        """`isOperationReady(bytes32)`."""
        return View(self.contract, "isOperationReady", (id,))

    def on_erc1155_batch_received(
        self,
        argument_1: str,
        argument_2: str,
        argument_3: Sequence[int],
        argument_4: Sequence[int],
        argument_5: bytes,
    ) -> Call:
        """`onERC1155BatchReceived(address, address, uint256[], uint256[], bytes)`."""
        return Call(
            self.contract,
            "onERC1155BatchReceived",
            (argument_1, argument_2, argument_3, argument_4, argument_5),
        )

    def on_erc1155_received(
        self, argument_1: str, argument_2: str, argument_3: int, argument_4: int, argument_5: bytes
    ) -> Call:
        """`onERC1155Received(address, address, uint256, uint256, bytes)`."""
        return Call(
            self.contract,
            "onERC1155Received",
            (argument_1, argument_2, argument_3, argument_4, argument_5),
        )

    def on_erc721_received(
        self, argument_1: str, argument_2: str, argument_3: int, argument_4: bytes
    ) -> Call:
        """`onERC721Received(address, address, uint256, bytes)`."""
        return Call(
            self.contract, "onERC721Received", (argument_1, argument_2, argument_3, argument_4)
        )

    def renounce_role(self, role: bytes, caller_confirmation: str) -> Call:
        """`renounceRole(bytes32, address)`."""
        return Call(self.contract, "renounceRole", (role, caller_confirmation))

    def revoke_role(self, role: bytes, account: str) -> Call:
        """`revokeRole(bytes32, address)`."""
        return Call(self.contract, "revokeRole", (role, account))

    def schedule(
        self, target: str, value: int, data: bytes, predecessor: bytes, salt: bytes, delay: int
    ) -> Call:
        """`schedule(address, uint256, bytes, bytes32, bytes32, uint256)`."""
        return Call(self.contract, "schedule", (target, value, data, predecessor, salt, delay))

    def schedule_batch(
        self,
        targets: Sequence[str],
        values: Sequence[int],
        payloads: Sequence[bytes],
        predecessor: bytes,
        salt: bytes,
        delay: int,
    ) -> Call:
        """`scheduleBatch(address[], uint256[], bytes[], bytes32, bytes32, uint256)`."""
        return Call(
            self.contract, "scheduleBatch", (targets, values, payloads, predecessor, salt, delay)
        )

    def supports_interface(self, interface_id: bytes) -> View[bool]:
        """`supportsInterface(bytes4)`."""
        return View(self.contract, "supportsInterface", (interface_id,))

    def update_delay(self, new_delay: int) -> Call:
        """`updateDelay(uint256)`."""
        return Call(self.contract, "updateDelay", (new_delay,))
