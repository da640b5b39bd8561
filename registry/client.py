"""RegistryClient: everything that people do with the registry, one method each.

from registry import RegistryClient, load_settings

with RegistryClient.open(load_settings()) as client:
    client.fetch("mnist@production", Path("mnist"))
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from registry.addresses import ZERO_ADDRESS, parse_address
from registry.audit.lineage import Ancestor, lineage
from registry.audit.replay import installed_replay
from registry.chain.bindings.model_registry import ModelRegistry
from registry.config import Settings
from registry.documents.labels import channel_word, reason_text
from registry.documents.manifest import Manifest
from registry.errors import ConfigError, ManifestError
from registry.index import RegistryState, RoundRecord
from registry.signing import Signer
from registry.storage import RAW, Cid, directory_cid
from registry.types import ZERO_ID, Channel, Grant, Model, Version, Visibility
from registry.usecases.availability import Availability
from registry.usecases.batches import Batches
from registry.usecases.connection import Connection
from registry.usecases.disputes import Disputes
from registry.usecases.evaluations import Evaluations
from registry.usecases.fetching import Fetcher, Progress, verify_folder
from registry.usecases.forfeits import Forfeits
from registry.usecases.model_history import (
    ChannelPeriod,
    HistoryEntry,
    channel_periods,
    model_history,
)
from registry.usecases.name_pins import NamePins
from registry.usecases.names import Names
from registry.usecases.payouts import Payouts
from registry.usecases.private_models import PrivateModels
from registry.usecases.publish_targets import PublishTarget, publish_target, require_own_name
from registry.usecases.publishing import Publisher, VersionMetadata
from registry.usecases.references import ModelReference, resolve_version
from registry.usecases.rounds import Rounds
from registry.usecases.settled_weights import require_weights, settled_weights
from registry.usecases.staked_rounds import StakedRounds
from registry.usecases.stakes import Stakes
from registry.usecases.weighted_payouts import WeightedPayouts

__all__ = ["RegistryClient", "VersionMetadata"]


class RegistryClient:
    """One account's view of one deployment. Without a signer it reads only.

    `rounds`, `batches`, `forfeits` and `payouts` hold the steps of training rounds, of their
    batches, their bonds and of payouts; `stakes`, `staked_rounds`, `availability`, `disputes`,
    `weighted_payouts` and `evaluations` those of rounds under stake.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        pins = NamePins(connection.state_folder, connection.deployment)
        self.names = Names(pins, self.account)
        self.rounds = Rounds(connection)
        self.batches = Batches(connection)
        self.forfeits = Forfeits(connection)
        self.payouts = Payouts(connection)
        self.stakes = Stakes(connection)
        self.staked_rounds = StakedRounds(connection)
        self.availability = Availability(connection)
        self.disputes = Disputes(connection)
        self.weighted_payouts = WeightedPayouts(connection)
        self.evaluations = Evaluations(connection)

    @classmethod
    def open(
        cls,
        settings: Settings,
        signer: Signer | None = None,
        deployment_digest: bytes | None = None,
    ) -> RegistryClient:
        """Connects to the chain and the store that the settings name (`Connection.open`)."""
        return cls(Connection.open(settings, signer, deployment_digest))

    def __enter__(self) -> RegistryClient:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.connection.sender is not None:
            self.connection.sender.release(error is None)
        self.connection.store.close()
        self.connection.gateway.close()

    @property
    def account(self) -> str | None:
        """The address that signs, or None for a reader."""
        return self.connection.signer.address if self.connection.signer else None

    def state(self) -> RegistryState:
        """Returns the registry's state, rebuilt from events."""
        return self.connection.state()

    @property
    def _registry(self) -> ModelRegistry:
        return self.connection.chain.model_registry

    def _find(self, name: str) -> tuple[RegistryState, ModelReference, Model]:
        state, reference = self.state(), self.names.reference(name)
        return state, reference, self.names.resolve(state, reference)

    # models

    def register(
        self, slug: str, visibility: Visibility = Visibility.PUBLIC, description: bytes = b""
    ) -> Model:
        """Registers a model and returns it; `description` is stored and its digest recorded.

        Raises:
            ConfigError: the account has a model of that name, or the name is another account's.
            Reverted: the contract refuses.
        """
        reference, account = self.names.reference(slug), self.connection.account
        would_be = self._registry.model_id_of(account, reference.slug).read()
        require_own_name(self.state(), reference, account, would_be)
        digest = bytes(32)
        if description:
            cid = self.connection.store.put_block(description, RAW)
            self.connection.store.pin(cid)
            digest = cid.digest
        self._registry.register(reference.slug, int(visibility), digest).send()
        model = self.names.resolve(self.state(), ModelReference(reference.slug, account))
        self.names.settle_own(model, reference)
        return model

    def models(self) -> list[Model]:
        """Returns every model, by slug and owner."""
        return sorted(self.state().catalogue.models.values(), key=lambda m: (m.slug, m.owner))

    def model(self, name: str) -> Model:
        """Returns the model of that name."""
        return self._find(name)[2]

    def transfer(self, name: str, to: str) -> None:
        """Offers a model to another account, which has to accept it.

        Raises:
            ConfigError: the zero address, which can't accept anything.
        """
        heir = parse_address(to)
        if heir == ZERO_ADDRESS:
            raise ConfigError("expected the account that is to accept it, got the zero address")
        self._registry.transfer_model(self.model(name).model_id, heir).send()

    def accept(self, name: str) -> None:
        """Accepts a model that was offered to this account."""
        self._registry.accept_model(self.model(name).model_id).send()

    def add_publisher(self, name: str, account: str) -> None:
        """Lets an account publish versions of a model."""
        self._registry.add_publisher(self.model(name).model_id, parse_address(account)).send()

    def remove_publisher(self, name: str, account: str) -> None:
        """Ends an account's publisher role."""
        self._registry.remove_publisher(self.model(name).model_id, parse_address(account)).send()

    # versions

    def publish(
        self,
        folder: Path,
        name: str,
        description: VersionMetadata | None = None,
        *,
        visibility: Visibility | None = None,
        channel: str | None = None,
        new: bool = False,
        progress: Progress | None = None,
    ) -> Version:
        """Publishes a folder as the model's next version; registers the model if nobody has it.

        What was asked for is held against what is recorded, and the files are checked, before
        anything is stored or registered. Running it again after a failure finishes it; running it
        again after a success finds the version that is there.

        Args:
            folder: the model's files.
            name: `[owner/]slug`.
            description: what the manifest says.
            visibility: what the model has to be; None takes what it is, public if it is new.
            channel: also point this one at the version.
            new: make a model of the account's own where the name is another's.
            progress: called with bytes done and bytes in all.

        Raises:
            ConfigError: something that was asked for contradicts what is recorded.
        """
        if not folder.is_dir():
            raise ConfigError(f"expected a folder with the model's files, got {folder}")
        if channel is not None:
            channel_word(channel)
        account = self.connection.account
        target = publish_target(self.state(), self.names, name, account, visibility, new)
        publisher = Publisher(self.connection)
        version = publisher.publish(
            folder, target, description or VersionMetadata(), self._registered, progress
        )
        model = self.state().catalogue.models[version.model_id]
        if model.owner == account:
            self.names.settle_own(model, self.names.reference(name))
        if channel is not None:
            publisher.set_channel(version.model_id, channel, version.number)
        return version

    def _registered(self, target: PublishTarget) -> Model:
        # In full, so that only a publish that is done settles what the short name means.
        own = f"{target.account}/{target.slug}"
        return target.model or self.register(own, target.visibility)

    def revoked_readers(self, name: str) -> frozenset[str]:
        """Returns who could open a private model once and may not now.

        They hold its content key: what is published under that key they can still decrypt.
        """
        state, _, model = self._find(name)
        if model.visibility is Visibility.PUBLIC:
            return frozenset()
        return state.catalogue.revoked.get(model.model_id, frozenset())

    def versions(self, name: str) -> list[Version]:
        """Returns a model's versions by ascending number."""
        state, _, model = self._find(name)
        return state.catalogue.versions_of(model.model_id)

    def version(self, name: str) -> Version:
        """Returns the version that `NAME[@channel|:version]` means."""
        state, reference, model = self._find(name)
        return resolve_version(state, reference, model)

    def deprecate(self, name: str, reason: str) -> None:
        """Advises against a version."""
        version = self.version(name)
        self._registry.deprecate_version(
            version.model_id, version.number, reason_text(reason)
        ).send()

    def yank(self, name: str, reason: str) -> None:
        """Withdraws a version: fetching it is refused."""
        version = self.version(name)
        self._registry.yank_version(version.model_id, version.number, reason_text(reason)).send()

    def restore(self, name: str) -> None:
        """Makes a deprecated or yanked version active again."""
        version = self.version(name)
        self._registry.restore_version(version.model_id, version.number).send()

    def fetch(self, name: str, place: Path, progress: Progress | None = None) -> Manifest:
        """Brings a version's folder to `place`, verified; run again after a cut, it resumes.

        Where the trainer is installed, weights that a round under stake was settled with are
        verified too (F-13).
        """
        state, reference, model = self._find(name)
        version = resolve_version(state, reference, model)
        manifest = Fetcher(self.connection).fetch(model, version, place, progress)
        self._require_settled(state, version, place)
        return manifest

    def verify(self, folder: Path, name: str | None = None) -> Manifest:
        """Checks a folder against its manifest and, with a name, against the chain's hash.

        Raises:
            ManifestError: the folder differs from its manifest or from what the chain records.
            ConfigError: no such folder, or nothing of that name.
        """
        manifest = verify_folder(folder)
        if name is not None:
            state, reference, model = self._find(name)
            version = resolve_version(state, reference, model)
            found = directory_cid(folder)
            expected = Cid(version.content.codec, version.content.digest)
            if found != expected:
                raise ManifestError(
                    f"{folder}: expected {expected} as the chain records, got {found}; fetch again"
                )
            self._require_settled(state, version, folder)
        return manifest

    def unproved_round(self, name: str) -> int | None:
        """Returns the round under stake whose weights nothing here can hold a version against.

        None if the trainer is installed, which does that in `fetch` and `verify`, or if no such
        round made the version.
        """
        state, reference, model = self._find(name)
        settled = settled_weights(state, resolve_version(state, reference, model))
        return None if settled is None or installed_replay() else settled.round_number

    def _require_settled(self, state: RegistryState, version: Version, folder: Path) -> None:
        settled = settled_weights(state, version)
        replay = None if settled is None else installed_replay()
        if settled is not None and replay is not None:
            require_weights(self.connection, settled, folder, replay.version_root)

    # histories

    def history(self, name: str) -> list[HistoryEntry]:
        """Returns all that happened to a model, oldest first, with dates, who and why.

        Raises:
            ConfigError: nothing of that name.
            NodeUnsound: the node doesn't have the blocks that it told events of.
        """
        return model_history(self.connection, self.model(name))

    def channel_history(self, name: str) -> list[ChannelPeriod]:
        """Returns what each of a model's channels pointed to and when, by channel, oldest first.

        Raises:
            ConfigError: nothing of that name.
            NodeUnsound: the node doesn't have the blocks that it told events of.
        """
        return channel_periods(self.history(name))

    def lineage(self, name: str) -> list[Ancestor]:
        """Returns the version that a name means and its ancestors, nearest first.

        Raises:
            ConfigError: nothing of that name.
        """
        version = self.version(name)
        return lineage(self.state(), version)

    # channels

    def channels(self, name: str) -> list[Channel]:
        """Returns a model's channels by name."""
        state, _, model = self._find(name)
        found = [c for (m, _), c in state.catalogue.channels.items() if m == model.model_id]
        return sorted(found, key=lambda c: c.name)

    def set_channel(self, name: str, channel: str, number: int) -> None:
        """Points a channel at a version."""
        Publisher(self.connection).set_channel(self.model(name).model_id, channel, number)

    def roll_back(self, name: str, channel: str) -> None:
        """Points a channel back at the newest version before that isn't yanked (M-7)."""
        self._registry.rollback_channel(self.model(name).model_id, channel_word(channel)).send()

    # access

    def grant(self, name: str, user: str, public_key: bytes | None = None, expiry: int = 0) -> None:
        """Gives a user access to a model; with its public key, the content key goes along.

        Args:
            name: the model.
            user: the grantee's address.
            public_key: its secp256k1 key; needed to open private content.
            expiry: seconds since 1970; 0 for none.
        """
        model, user = self.model(name), parse_address(user)
        if public_key is not None:
            PrivateModels(self.connection).grant(model, user, public_key, expiry)
            return
        key = self._wrapped_key(model, user)
        if expiry or key != ZERO_ID:
            self._registry.grant(model.model_id, user, expiry, key).send()
        else:
            self._registry.grant_access(model.model_id, user).send()

    def _wrapped_key(self, model: Model, user: str) -> bytes:
        """Returns the digest of the key that a grant has already: a new expiry keeps it."""
        standing = self.state().catalogue.grants.get((model.model_id, user))
        return ZERO_ID if standing is None else standing.wrapped_key_digest

    def revoke(self, name: str, user: str) -> None:
        """Ends a user's access. What was fetched before cannot be taken back."""
        self._registry.revoke_access(self.model(name).model_id, parse_address(user)).send()

    def grants(self, name: str) -> list[Grant]:
        """Returns a model's standing grants, by user."""
        state, _, model = self._find(name)
        found = [g for (m, _), g in state.catalogue.grants.items() if m == model.model_id]
        return sorted(found, key=lambda g: g.user)

    def has_access(self, name: str, user: str) -> bool:
        """Says whether the contract lets a user read a model now."""
        model_id, whom = self.model(name).model_id, parse_address(user)
        return self._registry.has_access(model_id, whom).read()

    # rounds

    def round(self, name: str, number: int | None = None) -> RoundRecord:
        """Returns a model's round by number; the newest without one.

        Raises:
            ConfigError: no such model, or it has no such round.
        """
        records = self.rounds.of_model(self.model(name))
        chosen = [r for r in records if number in (None, r.number)]
        if not chosen:
            raise ConfigError(f"{name} has no round {'' if number is None else number}".rstrip())
        return chosen[-1]
