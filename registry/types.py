"""The registry's value types: frozen, hashable, free of I/O.

Identifiers are 32 raw bytes (`ModelId`, `VersionId`, `RoundId`), addresses are EIP-55 checksummed
text, amounts and weights are integers.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import IntEnum
from typing import Generic, TypeAlias, TypeVar

__all__ = [
    "ZERO_ID",
    "Channel",
    "Content",
    "Event",
    "Grant",
    "Log",
    "Model",
    "ModelId",
    "Phase",
    "RoundId",
    "Version",
    "VersionId",
    "VersionStatus",
    "Visibility",
]

ModelId = bytes
VersionId = bytes
RoundId = bytes

ZERO_ID = bytes(32)


class Visibility(IntEnum):
    """Who may read a model; the values are the contract's."""

    PUBLIC = 0
    PRIVATE = 1


class VersionStatus(IntEnum):
    """What a version's publishers say of it; the values are the contract's."""

    NONE = 0
    ACTIVE = 1
    DEPRECATED = 2
    YANKED = 3


class Phase(IntEnum):
    """A round's phase (R-2); the values are the contract's."""

    NONE = 0
    ENROLMENT = 1
    COMMIT = 2
    REVEAL = 3
    PROPOSAL = 4
    PROPOSED = 5
    FINALISED = 6
    VOIDED = 7


E_co = TypeVar("E_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Log(Generic[E_co]):
    """One decoded log. `arguments` is the event, a class of `registry.chain.bindings.events`."""

    name: str
    contract: str
    address: str
    block_number: int
    block_hash: str
    transaction_hash: str
    log_index: int
    arguments: E_co


Event: TypeAlias = Log[object]
"""A log of whatever event."""


@dataclass(frozen=True)
class Content:
    """What a version consists of: the SHA-256 digest of its root block and the multicodec (M-4)."""

    digest: bytes
    codec: int = 0x70

    @property
    def cid(self) -> str:
        """Its CID's text, version 1, as `ipfs` prints it."""
        named = b"\x01" + bytes([self.codec]) + b"\x12\x20" + self.digest
        return "b" + base64.b32encode(named).decode().rstrip("=").lower()


@dataclass(frozen=True)
class Model:
    """A registered model, as its events tell it."""

    model_id: ModelId
    owner: str
    slug: str
    visibility: Visibility
    description_digest: bytes
    publishers: frozenset[str]
    pending_owner: str
    registered_in: int

    @property
    def name(self) -> str:
        """Its whole name, `owner/slug`, which means the same to everybody."""
        return f"{self.owner}/{self.slug}"


@dataclass(frozen=True)
class Version:
    """An immutable version of a model."""

    version_id: VersionId
    model_id: ModelId
    number: int
    content: Content
    parents: tuple[VersionId, ...]
    round_id: RoundId
    licence: str
    publisher: str
    status: VersionStatus
    reason: str
    block_number: int


@dataclass(frozen=True)
class Channel:
    """A movable name for a version; `history` lists version numbers, oldest first."""

    model_id: ModelId
    name: str
    history: tuple[int, ...]

    @property
    def number(self) -> int:
        """The version number that the channel points to."""
        return self.history[-1]


@dataclass(frozen=True)
class Grant:
    """The right of an address to open a private model; `expiry` in seconds since 1970, 0: none."""

    model_id: ModelId
    user: str
    expiry: int
    wrapped_key_digest: bytes
