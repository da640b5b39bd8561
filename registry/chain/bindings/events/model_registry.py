"""What ModelRegistry tells.

Written by `make abi` (scripts/export_bindings.py): change the contracts instead.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "AccessGranted",
    "AccessRevoked",
    "ChannelMoved",
    "ChannelRolledBack",
    "EIP712DomainChanged",
    "GrantTermsSet",
    "GranterSet",
    "ModelDescribed",
    "ModelRegistered",
    "ModelTransferStarted",
    "ModelTransferred",
    "PublisherAdded",
    "PublisherRemoved",
    "SuccessorNamed",
    "VersionDeprecated",
    "VersionPublished",
    "VersionRestored",
    "VersionYanked",
    "VisibilityChanged",
]


@dataclass(frozen=True, slots=True)
class AccessGranted:
    """`AccessGranted(ModelId, address)`."""

    model_id: bytes
    user: str


@dataclass(frozen=True, slots=True)
class AccessRevoked:
    """`AccessRevoked(ModelId, address)`."""

    model_id: bytes
    user: str


@dataclass(frozen=True, slots=True)
class ChannelMoved:
    """`ChannelMoved(ModelId, bytes32, address, uint64, uint64)`."""

    model_id: bytes
    channel: bytes
    actor: str
    number: int
    previous: int


@dataclass(frozen=True, slots=True)
class ChannelRolledBack:
    """`ChannelRolledBack(ModelId, bytes32, address, uint64, uint64)`."""

    model_id: bytes
    channel: bytes
    actor: str
    number: int
    previous: int


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged:
    """`EIP712DomainChanged()`."""


@dataclass(frozen=True, slots=True)
class GrantTermsSet:
    """`GrantTermsSet(ModelId, address, uint64, bytes32)`."""

    model_id: bytes
    user: str
    expiry: int
    wrapped_key_digest: bytes


@dataclass(frozen=True, slots=True)
class GranterSet:
    """`GranterSet(ModelId, address, bool)`."""

    model_id: bytes
    account: str
    allowed: bool


@dataclass(frozen=True, slots=True)
class ModelDescribed:
    """`ModelDescribed(ModelId, Visibility, bytes32)`."""

    model_id: bytes
    visibility: int
    description_digest: bytes


@dataclass(frozen=True, slots=True)
class ModelRegistered:
    """`ModelRegistered(ModelId, address, string)`."""

    model_id: bytes
    owner: str
    name: str


@dataclass(frozen=True, slots=True)
class ModelTransferStarted:
    """`ModelTransferStarted(ModelId, address, address)`."""

    model_id: bytes
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class ModelTransferred:
    """`ModelTransferred(ModelId, address, address)`."""

    model_id: bytes
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class PublisherAdded:
    """`PublisherAdded(ModelId, address)`."""

    model_id: bytes
    account: str


@dataclass(frozen=True, slots=True)
class PublisherRemoved:
    """`PublisherRemoved(ModelId, address)`."""

    model_id: bytes
    account: str


@dataclass(frozen=True, slots=True)
class SuccessorNamed:
    """`SuccessorNamed(address)`."""

    successor: str


@dataclass(frozen=True, slots=True)
class VersionDeprecated:
    """`VersionDeprecated(ModelId, uint64, address, string)`."""

    model_id: bytes
    number: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class VersionPublished:
    """`VersionPublished(…)`."""

    model_id: bytes
    version_id: bytes
    publisher: str
    number: int
    digest: bytes
    codec: int
    parents: tuple[bytes, ...]
    round_id: bytes
    licence: bytes


@dataclass(frozen=True, slots=True)
class VersionRestored:
    """`VersionRestored(ModelId, uint64, address)`."""

    model_id: bytes
    number: int
    actor: str


@dataclass(frozen=True, slots=True)
class VersionYanked:
    """`VersionYanked(ModelId, uint64, address, string)`."""

    model_id: bytes
    number: int
    actor: str
    reason: str


@dataclass(frozen=True, slots=True)
class VisibilityChanged:
    """`VisibilityChanged(ModelId, Visibility)`."""

    model_id: bytes
    visibility: int
