"""Models, versions, channels, publishers and grants, folded from ModelRegistry's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeVar

from registry.addresses import ZERO_ADDRESS
from registry.chain.bindings.events import model_registry
from registry.documents.labels import channel_word, label_text
from registry.index.following import Steps, require
from registry.types import (
    Channel,
    Content,
    Event,
    Grant,
    Log,
    Model,
    ModelId,
    Version,
    VersionId,
    VersionStatus,
    Visibility,
)

__all__ = ["Catalogue"]


_CODECS = (0x55, 0x70)  # raw and dag-pb: the contract takes no other


class _OfModel(Protocol):
    """An event of one model."""

    @property
    def model_id(self) -> bytes: ...


class _OfVersion(_OfModel, Protocol):
    """An event of one version."""

    @property
    def number(self) -> int: ...


M = TypeVar("M", bound=_OfModel)


def _channel_name(word: bytes) -> str:
    name = label_text(word)
    channel_word(name)
    return name


@dataclass
class Catalogue:
    """Everything that ModelRegistry's events say so far."""

    models: dict[ModelId, Model] = field(default_factory=dict)
    versions: dict[tuple[ModelId, int], Version] = field(default_factory=dict)
    by_version_id: dict[VersionId, Version] = field(default_factory=dict)
    channels: dict[tuple[ModelId, str], Channel] = field(default_factory=dict)
    grants: dict[tuple[ModelId, str], Grant] = field(default_factory=dict)
    granters: dict[ModelId, frozenset[str]] = field(default_factory=dict)
    revoked: dict[ModelId, frozenset[str]] = field(default_factory=dict)
    """Who could read a private model once and may not now."""
    named_publishers: dict[ModelId, frozenset[str]] = field(default_factory=dict)
    """Who was ever named a publisher, dismissed ones included."""
    transfers: dict[ModelId, int] = field(default_factory=dict)
    described: set[ModelId] = field(default_factory=set)
    successor: str = ZERO_ADDRESS
    """The registry that succeeds this one; zero: none does."""

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over.

        Raises:
            KeyError: it is of a model that no earlier event registered.
        """
        _STEPS.apply(self, event)

    def versions_of(self, model_id: ModelId) -> list[Version]:
        """Returns a model's versions by ascending number."""
        return [v for (owner, _), v in sorted(self.versions.items()) if owner == model_id]

    def channels_of(self, model_id: ModelId) -> list[Channel]:
        """Returns a model's channels by name."""
        return [c for (owner, _), c in sorted(self.channels.items()) if owner == model_id]

    def _registered(self, event: Log[model_registry.ModelRegistered]) -> None:
        a = event.arguments
        require(a.model_id not in self.models, "the model is registered already")
        self.models[a.model_id] = Model(
            model_id=a.model_id,
            owner=a.owner,
            slug=a.name,
            visibility=Visibility.PUBLIC,
            description_digest=bytes(32),
            publishers=frozenset(),
            pending_owner=ZERO_ADDRESS,
            registered_in=event.block_number,
        )

    def _succeeded(self, event: Log[model_registry.SuccessorNamed]) -> None:
        successor = event.arguments.successor
        sound = successor not in (ZERO_ADDRESS, event.address)
        require(sound, "no registry is succeeded by itself or by nobody")
        self.successor = successor

    def _described(self, event: Log[model_registry.ModelDescribed]) -> None:
        a = event.arguments
        require(a.model_id not in self.described, "the model is described already")
        self.described.add(a.model_id)
        self.models[a.model_id] = replace(
            self.models[a.model_id],
            visibility=Visibility(a.visibility),
            description_digest=a.description_digest,
        )

    def _visibility(self, event: Log[model_registry.VisibilityChanged]) -> None:
        a = event.arguments
        model = self.models[a.model_id]
        self.models[a.model_id] = replace(model, visibility=Visibility(a.visibility))

    def _published(self, event: Log[model_registry.VersionPublished]) -> None:
        a = event.arguments
        known = a.codec in _CODECS and a.digest != bytes(32)
        require(known, f"no content of codec {a.codec:#x} and that digest")
        require(all(p in self.by_version_id for p in a.parents), "a parent that no model has")
        before = (a.model_id, a.number - 1) in self.versions or a.number == 1
        fresh = (a.model_id, a.number) not in self.versions
        require(before and fresh, f"version {a.number} is not the next one")
        version = Version(
            version_id=a.version_id,
            model_id=a.model_id,
            number=a.number,
            content=Content(a.digest, a.codec),
            parents=tuple(a.parents),
            round_id=a.round_id,
            licence=label_text(a.licence),
            publisher=a.publisher,
            status=VersionStatus.ACTIVE,
            reason="",
            block_number=event.block_number,
        )
        self._keep(version)

    def _keep(self, version: Version) -> None:
        self.versions[version.model_id, version.number] = version
        self.by_version_id[version.version_id] = version

    def _set_status(self, told: _OfVersion, status: VersionStatus, reason: str = "") -> None:
        version = self.versions[told.model_id, told.number]
        self._keep(replace(version, status=status, reason=reason))

    def _deprecated(self, event: Log[model_registry.VersionDeprecated]) -> None:
        self._set_status(event.arguments, VersionStatus.DEPRECATED, event.arguments.reason)

    def _yanked(self, event: Log[model_registry.VersionYanked]) -> None:
        self._set_status(event.arguments, VersionStatus.YANKED, event.arguments.reason)

    def _restored(self, event: Log[model_registry.VersionRestored]) -> None:
        self._set_status(event.arguments, VersionStatus.ACTIVE)

    def _moved(self, event: Log[model_registry.ChannelMoved]) -> None:
        a = event.arguments
        name = _channel_name(a.channel)
        channel = self.channels.get((a.model_id, name), Channel(a.model_id, name, ()))
        now = channel.number if channel.history else 0
        require(a.previous == now, f"the channel pointed to {now}, not {a.previous}")
        self.channels[a.model_id, name] = replace(channel, history=(*channel.history, a.number))

    def _rolled_back(self, event: Log[model_registry.ChannelRolledBack]) -> None:
        a = event.arguments
        name = _channel_name(a.channel)
        channel = self.channels[a.model_id, name]
        kept = channel.history[:-1]
        while kept and self.versions[a.model_id, kept[-1]].status is VersionStatus.YANKED:
            kept = kept[:-1]  # a roll-back passes yanked versions over (M-7)
        back = (*kept[-1:], *channel.history[-1:])
        require(back == (a.number, a.previous), f"no roll-back of {channel.history}")
        self.channels[a.model_id, name] = replace(channel, history=kept)

    def _publisher_added(self, event: Log[model_registry.PublisherAdded]) -> None:
        self._set_publisher(event.arguments.model_id, event.arguments.account, True)

    def _publisher_removed(self, event: Log[model_registry.PublisherRemoved]) -> None:
        self._set_publisher(event.arguments.model_id, event.arguments.account, False)

    def _set_publisher(self, model_id: ModelId, account: str, added: bool) -> None:
        model, change = self.models[model_id], frozenset({account})
        kept = model.publishers - change
        require((account in model.publishers) != added, "the role is as it was")
        self.named_publishers[model_id] = self.named_publishers.get(model_id, frozenset()) | change
        self.models[model_id] = replace(model, publishers=kept | change if added else kept)

    def _transfer_started(self, event: Log[model_registry.ModelTransferStarted]) -> None:
        a = event.arguments
        self.models[a.model_id] = replace(self.models[a.model_id], pending_owner=a.to)

    def _transferred(self, event: Log[model_registry.ModelTransferred]) -> None:
        a = event.arguments
        self.models[a.model_id] = replace(  # a transfer ends the publishers' roles (M-8)
            self.models[a.model_id],
            owner=a.to,
            pending_owner=ZERO_ADDRESS,
            publishers=frozenset(),
        )
        self.granters.pop(a.model_id, None)
        self.transfers[a.model_id] = self.transfers.get(a.model_id, 0) + 1

    def _granted(self, event: Log[model_registry.AccessGranted]) -> None:
        a = event.arguments
        grant = Grant(a.model_id, a.user, 0, bytes(32))
        self.grants[a.model_id, a.user] = grant
        readmitted = self.revoked.get(a.model_id, frozenset()) - {a.user}
        self.revoked[a.model_id] = readmitted

    def _grant_terms(self, event: Log[model_registry.GrantTermsSet]) -> None:
        a = event.arguments
        self.grants[a.model_id, a.user] = Grant(a.model_id, a.user, a.expiry, a.wrapped_key_digest)

    def _revoked(self, event: Log[model_registry.AccessRevoked]) -> None:
        a = event.arguments
        self.grants.pop((a.model_id, a.user), None)
        self.revoked[a.model_id] = self.revoked.get(a.model_id, frozenset()) | {a.user}

    def _granter(self, event: Log[model_registry.GranterSet]) -> None:
        a = event.arguments
        kept = self.granters.get(a.model_id, frozenset()) - {a.account}
        self.granters[a.model_id] = kept | {a.account} if a.allowed else kept


def _known(step: Callable[[Catalogue, Log[M]], None]) -> Callable[[Catalogue, Log[M]], None]:
    """Returns a step that refuses what is of a model that no earlier event registered."""

    def checked(catalogue: Catalogue, event: Log[M]) -> None:
        catalogue.models[event.arguments.model_id]
        step(catalogue, event)

    return checked


_STEPS = (
    Steps[Catalogue]()
    .on(model_registry.ModelRegistered, Catalogue._registered)
    .on(model_registry.SuccessorNamed, Catalogue._succeeded)
    .on(model_registry.ModelDescribed, _known(Catalogue._described))
    .on(model_registry.VisibilityChanged, _known(Catalogue._visibility))
    .on(model_registry.VersionPublished, _known(Catalogue._published))
    .on(model_registry.VersionDeprecated, _known(Catalogue._deprecated))
    .on(model_registry.VersionYanked, _known(Catalogue._yanked))
    .on(model_registry.VersionRestored, _known(Catalogue._restored))
    .on(model_registry.ChannelMoved, _known(Catalogue._moved))
    .on(model_registry.ChannelRolledBack, _known(Catalogue._rolled_back))
    .on(model_registry.PublisherAdded, _known(Catalogue._publisher_added))
    .on(model_registry.PublisherRemoved, _known(Catalogue._publisher_removed))
    .on(model_registry.ModelTransferStarted, _known(Catalogue._transfer_started))
    .on(model_registry.ModelTransferred, _known(Catalogue._transferred))
    .on(model_registry.AccessGranted, _known(Catalogue._granted))
    .on(model_registry.GrantTermsSet, _known(Catalogue._grant_terms))
    .on(model_registry.AccessRevoked, _known(Catalogue._revoked))
    .on(model_registry.GranterSet, _known(Catalogue._granter))
)
