"""Models, versions, channels, publishers and grants, folded from ModelRegistry's events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from registry.addresses import ZERO_ADDRESS
from registry.documents.labels import channel_word, label_text
from registry.index.following import require
from registry.types import (
    Channel,
    Content,
    Event,
    Grant,
    Model,
    ModelId,
    Version,
    VersionId,
    VersionStatus,
    Visibility,
)

__all__ = ["Catalogue"]


_CODECS = (0x55, 0x70)  # raw and dag-pb: the contract takes no other


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
        step = _STEPS.get(event.name)
        if step is not None:
            if event.name not in ("ModelRegistered", "SuccessorNamed"):
                self.models[event.arguments["modelId"]]
            step(self, event)

    def versions_of(self, model_id: ModelId) -> list[Version]:
        """Returns a model's versions by ascending number."""
        return [v for (owner, _), v in sorted(self.versions.items()) if owner == model_id]

    def _registered(self, event: Event) -> None:
        a = event.arguments
        require(a["modelId"] not in self.models, "the model is registered already")
        self.models[a["modelId"]] = Model(
            model_id=a["modelId"],
            owner=a["owner"],
            slug=a["name"],
            visibility=Visibility.PUBLIC,
            description_digest=bytes(32),
            publishers=frozenset(),
            pending_owner=ZERO_ADDRESS,
            registered_in=event.block_number,
        )

    def _succeeded(self, event: Event) -> None:
        successor = event.arguments["successor"]
        sound = successor not in (ZERO_ADDRESS, event.address)
        require(sound, "no registry is succeeded by itself or by nobody")
        self.successor = successor

    def _described(self, event: Event) -> None:
        a = event.arguments
        require(a["modelId"] not in self.described, "the model is described already")
        self.described.add(a["modelId"])
        self.models[a["modelId"]] = replace(
            self.models[a["modelId"]],
            visibility=Visibility(a["visibility"]),
            description_digest=a["descriptionDigest"],
        )

    def _visibility(self, event: Event) -> None:
        a = event.arguments
        model = self.models[a["modelId"]]
        self.models[a["modelId"]] = replace(model, visibility=Visibility(a["visibility"]))

    def _published(self, event: Event) -> None:
        a = event.arguments
        known = a["codec"] in _CODECS and a["digest"] != bytes(32)
        require(known, f"no content of codec {a['codec']:#x} and that digest")
        require(all(p in self.by_version_id for p in a["parents"]), "a parent that no model has")
        before = (a["modelId"], a["number"] - 1) in self.versions or a["number"] == 1
        fresh = (a["modelId"], a["number"]) not in self.versions
        require(before and fresh, f"version {a['number']} is not the next one")
        version = Version(
            version_id=a["versionId"],
            model_id=a["modelId"],
            number=a["number"],
            content=Content(a["digest"], a["codec"]),
            parents=tuple(a["parents"]),
            round_id=a["roundId"],
            licence=label_text(a["licence"]),
            publisher=a["publisher"],
            status=VersionStatus.ACTIVE,
            reason="",
            block_number=event.block_number,
        )
        self._keep(version)

    def _keep(self, version: Version) -> None:
        self.versions[version.model_id, version.number] = version
        self.by_version_id[version.version_id] = version

    def _status(self, event: Event) -> None:
        a = event.arguments
        status = {
            "VersionDeprecated": VersionStatus.DEPRECATED,
            "VersionYanked": VersionStatus.YANKED,
            "VersionRestored": VersionStatus.ACTIVE,
        }[event.name]
        version = self.versions[a["modelId"], a["number"]]
        self._keep(replace(version, status=status, reason=a.get("reason", "")))

    def _moved(self, event: Event) -> None:
        a = event.arguments
        name = _channel_name(a["channel"])
        channel = self.channels.get((a["modelId"], name), Channel(a["modelId"], name, ()))
        now = channel.number if channel.history else 0
        require(a["previous"] == now, f"the channel pointed to {now}, not {a['previous']}")
        self.channels[a["modelId"], name] = replace(
            channel, history=(*channel.history, a["number"])
        )

    def _rolled_back(self, event: Event) -> None:
        a = event.arguments
        name = _channel_name(a["channel"])
        channel = self.channels[a["modelId"], name]
        kept = channel.history[:-1]
        while kept and self.versions[a["modelId"], kept[-1]].status is VersionStatus.YANKED:
            kept = kept[:-1]  # a roll-back passes yanked versions over (M-7)
        back = (*kept[-1:], *channel.history[-1:])
        require(back == (a["number"], a["previous"]), f"no roll-back of {channel.history}")
        self.channels[a["modelId"], name] = replace(channel, history=kept)

    def _publisher(self, event: Event) -> None:
        a = event.arguments
        model = self.models[a["modelId"]]
        change = frozenset({a["account"]})
        kept = model.publishers - change
        added = event.name == "PublisherAdded"
        require((a["account"] in model.publishers) != added, "the role is as it was")
        ever = self.named_publishers.get(model.model_id, frozenset())
        self.named_publishers[model.model_id] = ever | change
        self.models[model.model_id] = replace(model, publishers=kept | change if added else kept)

    def _transfer_started(self, event: Event) -> None:
        a = event.arguments
        self.models[a["modelId"]] = replace(self.models[a["modelId"]], pending_owner=a["to"])

    def _transferred(self, event: Event) -> None:
        a = event.arguments
        self.models[a["modelId"]] = replace(  # a transfer ends the publishers' roles (M-8)
            self.models[a["modelId"]],
            owner=a["to"],
            pending_owner=ZERO_ADDRESS,
            publishers=frozenset(),
        )
        self.granters.pop(a["modelId"], None)
        self.transfers[a["modelId"]] = self.transfers.get(a["modelId"], 0) + 1

    def _granted(self, event: Event) -> None:
        a = event.arguments
        grant = Grant(a["modelId"], a["user"], 0, bytes(32))
        self.grants[a["modelId"], a["user"]] = grant
        readmitted = self.revoked.get(a["modelId"], frozenset()) - {a["user"]}
        self.revoked[a["modelId"]] = readmitted

    def _grant_terms(self, event: Event) -> None:
        a = event.arguments
        self.grants[a["modelId"], a["user"]] = Grant(
            a["modelId"], a["user"], a["expiry"], a["wrappedKeyDigest"]
        )

    def _revoked(self, event: Event) -> None:
        a = event.arguments
        self.grants.pop((a["modelId"], a["user"]), None)
        self.revoked[a["modelId"]] = self.revoked.get(a["modelId"], frozenset()) | {a["user"]}

    def _granter(self, event: Event) -> None:
        a = event.arguments
        kept = self.granters.get(a["modelId"], frozenset()) - {a["account"]}
        self.granters[a["modelId"]] = kept | {a["account"]} if a["allowed"] else kept


_STEPS: dict[str, Callable[[Catalogue, Event], None]] = {
    "ModelRegistered": Catalogue._registered,
    "SuccessorNamed": Catalogue._succeeded,
    "ModelDescribed": Catalogue._described,
    "VisibilityChanged": Catalogue._visibility,
    "VersionPublished": Catalogue._published,
    "VersionDeprecated": Catalogue._status,
    "VersionYanked": Catalogue._status,
    "VersionRestored": Catalogue._status,
    "ChannelMoved": Catalogue._moved,
    "ChannelRolledBack": Catalogue._rolled_back,
    "PublisherAdded": Catalogue._publisher,
    "PublisherRemoved": Catalogue._publisher,
    "ModelTransferStarted": Catalogue._transfer_started,
    "ModelTransferred": Catalogue._transferred,
    "AccessGranted": Catalogue._granted,
    "GrantTermsSet": Catalogue._grant_terms,
    "AccessRevoked": Catalogue._revoked,
    "GranterSet": Catalogue._granter,
}
