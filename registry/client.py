"""RegistryClient: everything that people do with the registry, one method each.

from registry import RegistryClient, load_settings

with RegistryClient.open(load_settings()) as client:
    client.fetch("mnist@production", Path("mnist"))
"""

from __future__ import annotations

from pathlib import Path

from registry.addresses import ZERO_ADDRESS, parse_address
from registry.chain.bindings.model_registry import ModelRegistry
from registry.config import Settings
from registry.documents.labels import channel_word, reason_text
from registry.documents.manifest import Manifest
from registry.errors import ConfigError
from registry.index import RegistryState, RoundRecord
from registry.signing import Signer
from registry.types import Channel, Grant, Model, Version, Visibility
from registry.usecases.access import Access
from registry.usecases.availability import Availability
from registry.usecases.batches import Batches
from registry.usecases.connection import Connection
from registry.usecases.derived_versions import derived_from_version, visibility_from
from registry.usecases.disputes import Disputes
from registry.usecases.evaluations import Evaluations
from registry.usecases.fetching import Fetcher, Progress, require_content, verify_folder
from registry.usecases.forfeits import Forfeits
from registry.usecases.lineage import Ancestor, lineage
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
from registry.usecases.publish_targets import PublishTarget, publish_target
from registry.usecases.publishing import Publisher, VersionMetadata
from registry.usecases.references import ModelReference, resolve_version
from registry.usecases.registering import register_model
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

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
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
            ConfigError: the name is another account's, or would mean two models.
            Reverted: the contract refuses, e.g. `ModelExists`.
        """
        return register_model(self.connection, self.names, slug, visibility, description)

    def models(self) -> list[Model]:
        """Returns every model, by slug and owner."""
        return sorted(self.state().catalogue.models.values(), key=lambda m: (m.slug, m.owner))

    def model(self, name: str) -> Model:
        """Returns the model of that name.

        Raises:
            ConfigError: there is none, or the name has a channel or version.
        """
        return self.names.model(self.state(), name)

    def transfer(self, name: str, to: str, public_key: bytes | None = None) -> None:
        """Offers a model to another account, which has to accept it.

        A private model's key goes along, wrapped for the new owner, as a grant: it can read the
        model from now on, accepted or not (M-16).

        Args:
            name: the model.
            to: the account.
            public_key: its secp256k1 key; needed for a private model's key, unless it has that.

        Raises:
            ConfigError: the zero address, or a private model without the new owner's public key.
            DecryptionFailed: this account doesn't have the private model's key.
            Reverted: the account doesn't own the model.
        """
        model, heir = self.model(name), parse_address(to)
        if heir == ZERO_ADDRESS:
            raise ConfigError("expected the account that is to accept it, got the zero address")
        PrivateModels(self.connection).hand_over(model, heir, public_key)
        self._registry.transfer_model(model.model_id, heir).send()

    def accept(self, name: str) -> Model:
        """Accepts a model that was offered to this account; returns it as it was before.

        Its short name means this account's model from now on, unless it means another.

        Raises:
            ConfigError: nothing of that name.
            Reverted: it wasn't offered to this account.
        """
        model = self.model(name)
        self._registry.accept_model(model.model_id).send()
        self.names.settle_own(self.state().catalogue.models[model.model_id], name)
        return model

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
        derived_from: str | None = None,
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
            visibility: what the model has to be; None: what it is, or what it comes from has.
            channel: also point this one at the version.
            new: make a model of the account's own where the name is another's.
            derived_from: the version that the folder was fetched as; it becomes the first parent,
                its licence, framework and architecture are taken over, its manifest is replaced.
            progress: called with bytes done and bytes in all.

        Raises:
            ConfigError: something that was asked for contradicts what is recorded.
        """
        if not folder.is_dir():
            raise ConfigError(f"expected a folder with the model's files, got {folder}")
        if channel is not None:
            channel_word(channel)
        account, publisher = self.connection.account, Publisher(self.connection)
        origin = None if derived_from is None else self._find(derived_from)
        asked = visibility if origin is None else visibility_from(origin[2], visibility)
        target = publish_target(self.state(), self.names, name, account, asked, new)
        told, replaced = description or VersionMetadata(), None
        if origin is not None:
            parent, version = origin[2], resolve_version(*origin)
            told, replaced = derived_from_version(self.connection, folder, parent, version, told)
        version = publisher.publish(folder, target, told, self._registered, progress, replaced)
        model = self.state().catalogue.models[version.model_id]
        if model.owner == account:
            self.names.settle_own(model, name)
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
        private = model.visibility is Visibility.PRIVATE
        return state.catalogue.revoked.get(model.model_id, frozenset()) if private else frozenset()

    def versions(self, name: str) -> list[Version]:
        """Returns a model's versions by ascending number."""
        return self.state().catalogue.versions_of(self.model(name).model_id)

    def version(self, name: str) -> Version:
        """Returns the version that `NAME[@channel|:version]` means."""
        return resolve_version(*self._find(name))

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

    def fetch(
        self, name: str, place: Path, progress: Progress | None = None, *, force: bool = False
    ) -> Manifest:
        """Brings a version's folder to `place`, verified; run again after a cut, it resumes.

        What is there and differs is refused before a byte is written, or replaced with `force` if
        it is a version that was fetched. Where the trainer is installed, weights that a round under
        stake was settled with are verified too (F-13).
        """
        state, reference, model = self._find(name)
        version = resolve_version(state, reference, model)
        manifest = Fetcher(self.connection).fetch(model, version, place, progress, force)
        self._require_settled(state, version, place)
        return manifest

    def verify(self, folder: Path, name: str | None = None) -> Manifest:
        """Checks a folder against its manifest and, with a name, against the chain's hash.

        Raises:
            ManifestError: the folder differs from its manifest or from what the chain records.
            ConfigError: no such folder, or nothing of that name.
            DecryptionFailed: the model is private, and no key was granted to the account.
            KeyNeeded: the model is private, and no key was given.
        """
        manifest = verify_folder(folder)
        if name is not None:
            state, reference, model = self._find(name)
            version = resolve_version(state, reference, model)
            require_content(self.connection, folder, model, version)
            self._require_settled(state, version, folder)
        return manifest

    def unproved_round(self, name: str) -> int | None:
        """Returns the round under stake whose weights nothing here can hold a version against.

        None if the trainer is installed, which does that in `fetch` and `verify`, or if no such
        round made the version.
        """
        from registry.audit.replay import installed_replay  # much to load: all of the audit

        settled = settled_weights(self.state(), self.version(name))
        return None if settled is None or installed_replay() else settled.round_number

    def _require_settled(self, state: RegistryState, version: Version, folder: Path) -> None:
        if (settled := settled_weights(state, version)) is None:
            return
        from registry.audit.replay import installed_replay  # much to load: all of the audit

        if (replay := installed_replay()) is not None:
            require_weights(self.connection, settled, folder, replay.version_root)

    # histories

    def history(self, name: str) -> list[HistoryEntry]:
        """Returns all that happened to a model, oldest first, with dates, who and why.

        Raises:
            NodeUnsound: the node doesn't have the blocks that it told events of.
        """
        return model_history(self.connection, self.model(name))

    def channel_history(self, name: str) -> list[ChannelPeriod]:
        """Returns what each channel pointed to and when, by channel, oldest first."""
        return channel_periods(self.history(name))

    def lineage(self, name: str) -> list[Ancestor]:
        """Returns the version that a name means and its ancestors, nearest first."""
        return lineage(self.state(), self.version(name))

    # channels

    def channels(self, name: str) -> list[Channel]:
        """Returns a model's channels by name."""
        return self.state().catalogue.channels_of(self.model(name).model_id)

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
        self._access(name).grant(user, public_key, expiry)

    def _access(self, name: str) -> Access:
        return Access(self.connection, self.model(name))

    def revoke(self, name: str, user: str) -> None:
        """Ends a user's access. What was fetched before cannot be taken back."""
        self._access(name).revoke(user)

    def grants(self, name: str) -> list[Grant]:
        """Returns a model's standing grants, by user."""
        return self._access(name).grants()

    def has_access(self, name: str, user: str) -> bool:
        """Says whether the contract lets a user read a model now."""
        return self._access(name).allows(user)

    # rounds

    def round(self, name: str, number: int | None = None) -> RoundRecord:
        """Returns a model's round by number; the newest without one.

        Raises:
            ConfigError: no such model, or it has no such round.
        """
        records = self.rounds.of_model(self.model(name))
        chosen = [r for r in records if number in (None, r.number)]
        if not chosen:
            wanted = "round" if number is None else f"round {number}"
            raise ConfigError(f"{name} has no {wanted}; see `tally round list {name}`")
        return chosen[-1]
