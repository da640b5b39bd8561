"""Calls of ModelRegistry.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.chain.bindings import structs
from registry.chain.calls import BoundContract, Call, View

__all__ = ["ModelRegistry"]


class ModelRegistry(BoundContract):
    """The functions of ModelRegistry: views to read, calls to send."""

    def max_parents(self) -> View[int]:
        """`MAX_PARENTS()`."""
        return View(self.contract, "MAX_PARENTS", ())

    def max_reason_length(self) -> View[int]:
        """`MAX_REASON_LENGTH()`."""
        return View(self.contract, "MAX_REASON_LENGTH", ())

    def version(self) -> View[str]:
        """`VERSION()`."""
        return View(self.contract, "VERSION", ())

    def accept_model(self, model_id: bytes) -> Call:
        """`acceptModel(ModelId)`."""
        return Call(self.contract, "acceptModel", (model_id,))

    def add_publisher(self, model_id: bytes, account: str) -> Call:
        """`addPublisher(ModelId, address)`."""
        return Call(self.contract, "addPublisher", (model_id, account))

    def channel_of(self, model_id: bytes, channel: bytes) -> View[int]:
        """`channelOf(ModelId, bytes32)`."""
        return View(self.contract, "channelOf", (model_id, channel))

    def deprecate_version(self, model_id: bytes, number: int, reason: str) -> Call:
        """`deprecateVersion(ModelId, uint64, string)`."""
        return Call(self.contract, "deprecateVersion", (model_id, number, reason))

    def eip712_domain(self) -> View[tuple[bytes, str, str, int, str, bytes, tuple[int, ...]]]:
        """`eip712Domain()`."""
        return View(self.contract, "eip712Domain", ())

    def governor(self) -> View[str]:
        """`governor()`."""
        return View(self.contract, "governor", ())

    def grant(self, model_id: bytes, user: str, expiry: int, wrapped_key_digest: bytes) -> Call:
        """`grant(ModelId, address, uint64, bytes32)`."""
        return Call(self.contract, "grant", (model_id, user, expiry, wrapped_key_digest))

    def grant_access(self, model_id: bytes, user: str) -> Call:
        """`grantAccess(ModelId, address)`."""
        return Call(self.contract, "grantAccess", (model_id, user))

    def grant_of(self, model_id: bytes, user: str) -> View[tuple[int, bool]]:
        """`grantOf(ModelId, address)`."""
        return View(self.contract, "grantOf", (model_id, user))

    def has_access(self, model_id: bytes, user: str) -> View[bool]:
        """`hasAccess(ModelId, address)`."""
        return View(self.contract, "hasAccess", (model_id, user))

    def is_active_version(self, model_id: bytes, number: int) -> View[bool]:
        """`isActiveVersion(ModelId, uint64)`."""
        return View(self.contract, "isActiveVersion", (model_id, number))

    def is_granter(self, model_id: bytes, account: str) -> View[bool]:
        """`isGranter(ModelId, address)`."""
        return View(self.contract, "isGranter", (model_id, account))

    def is_publisher(self, model_id: bytes, account: str) -> View[bool]:
        """`isPublisher(ModelId, address)`."""
        return View(self.contract, "isPublisher", (model_id, account))

    def model_id_of(self, owner: str, slug: str) -> View[bytes]:
        """`modelIdOf(address, string)`."""
        return View(self.contract, "modelIdOf", (owner, slug))

    def model_of(self, model_id: bytes) -> View[structs.Model]:
        """`modelOf(ModelId)`."""
        return View(self.contract, "modelOf", (model_id,))

    def name_successor(self, successor: str) -> Call:
        """`nameSuccessor(address)`."""
        return Call(self.contract, "nameSuccessor", (successor,))

    def owner_of(self, model_id: bytes) -> View[str]:
        """`ownerOf(ModelId)`."""
        return View(self.contract, "ownerOf", (model_id,))

    def publish_version(
        self,
        model_id: bytes,
        number: int,
        content: structs.Content,
        parents: Sequence[bytes],
        round_id: bytes,
        licence: bytes,
    ) -> Call:
        """`publishVersion(ModelId, uint64, Content, VersionId[], RoundId, bytes32)`."""
        return Call(
            self.contract, "publishVersion", (model_id, number, content, parents, round_id, licence)
        )

    def register(self, slug: str, visibility: int, description_digest: bytes) -> Call:
        """`register(string, Visibility, bytes32)`."""
        return Call(self.contract, "register", (slug, visibility, description_digest))

    def register_model(self, name: str, ipfs_hash: str, is_public: bool) -> Call:
        """`registerModel(string, string, bool)`."""
        return Call(self.contract, "registerModel", (name, ipfs_hash, is_public))

    def remove_publisher(self, model_id: bytes, account: str) -> Call:
        """`removePublisher(ModelId, address)`."""
        return Call(self.contract, "removePublisher", (model_id, account))

    def restore_version(self, model_id: bytes, number: int) -> Call:
        """`restoreVersion(ModelId, uint64)`."""
        return Call(self.contract, "restoreVersion", (model_id, number))

    def revoke_access(self, model_id: bytes, user: str) -> Call:
        """`revokeAccess(ModelId, address)`."""
        return Call(self.contract, "revokeAccess", (model_id, user))

    def rollback_channel(self, model_id: bytes, channel: bytes) -> Call:
        """`rollbackChannel(ModelId, bytes32)`."""
        return Call(self.contract, "rollbackChannel", (model_id, channel))

    def set_channel(self, model_id: bytes, channel: bytes, number: int) -> Call:
        """`setChannel(ModelId, bytes32, uint64)`."""
        return Call(self.contract, "setChannel", (model_id, channel, number))

    def set_granter(self, model_id: bytes, account: str, allowed: bool) -> Call:
        """`setGranter(ModelId, address, bool)`."""
        return Call(self.contract, "setGranter", (model_id, account, allowed))

    def set_visibility(self, model_id: bytes, visibility: int) -> Call:
        """`setVisibility(ModelId, Visibility)`."""
        return Call(self.contract, "setVisibility", (model_id, visibility))

    def successor(self) -> View[str]:
        """`successor()`."""
        return View(self.contract, "successor", ())

    def transfer_model(self, model_id: bytes, to: str) -> Call:
        """`transferModel(ModelId, address)`."""
        return Call(self.contract, "transferModel", (model_id, to))

    def version_exists(self, version_id: bytes) -> View[bool]:
        """`versionExists(VersionId)`."""
        return View(self.contract, "versionExists", (version_id,))

    def version_id_of(self, model_id: bytes, number: int) -> View[bytes]:
        """`versionIdOf(ModelId, uint64)`."""
        return View(self.contract, "versionIdOf", (model_id, number))

    def version_of(self, model_id: bytes, number: int) -> View[tuple[structs.Content, int]]:
        """`versionOf(ModelId, uint64)`."""
        return View(self.contract, "versionOf", (model_id, number))

    def yank_version(self, model_id: bytes, number: int, reason: str) -> Call:
        """`yankVersion(ModelId, uint64, string)`."""
        return Call(self.contract, "yankVersion", (model_id, number, reason))
