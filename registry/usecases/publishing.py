"""Publishing a version: check the files, write the manifest, store, pin, then commit to the chain.

Nothing is written to the chain before every block is stored and pinned (T-5, T-6, T-10). A publish
that dies on the way is run again with the same arguments and finishes: blocks that are stored are
not sent again, a signed transaction is sent again as it is, and content that the model already has
as a version is not published a second time (T-11, T-12).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from registry.chain.transactions import Intent
from registry.documents.labels import channel_word, label_word
from registry.documents.manifest import MANIFEST_NAME, Manifest
from registry.errors import ConfigError, StorageError
from registry.hashing import keccak256
from registry.index import RegistryState
from registry.model_files import check_model_folder
from registry.model_files.local_files import local_files
from registry.model_files.names import check_no_folder_is_empty, check_portable, visible_files
from registry.storage import Cid, add_path
from registry.types import (
    ZERO_ID,
    Content,
    Model,
    ModelId,
    RoundId,
    Version,
    VersionId,
    VersionStatus,
    Visibility,
)
from registry.usecases.connection import Connection
from registry.usecases.private_models import PrivateModels
from registry.usecases.publish_targets import PublishTarget

__all__ = ["Publisher", "VersionMetadata"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class VersionMetadata:
    """What the publisher says of a version; it goes into the manifest."""

    framework: str = ""
    architecture: str = ""
    licence: str = ""
    parents: tuple[VersionId, ...] = ()
    round_id: RoundId = ZERO_ID
    metadata: dict[str, str] = field(default_factory=dict)


def _told(place: Path, manifest: Manifest, description: VersionMetadata) -> VersionMetadata:
    """Returns what a folder's manifest says, which is what the chain has to record.

    Raises:
        ConfigError: the description says otherwise.
    """
    told = VersionMetadata(
        manifest.framework,
        manifest.architecture,
        manifest.licence,
        manifest.parents,
        manifest.round_id or ZERO_ID,
        dict(manifest.metadata),
    )
    for name, default in asdict(VersionMetadata()).items():
        asked, found = getattr(description, name), getattr(told, name)
        if asked not in (default, found):
            raise ConfigError(
                f"{place} says {name} {_plain(found)}, expected {_plain(asked)} as asked for; "
                "delete that file, or leave the option out"
            )
    return told


def _plain(value: object) -> str:
    """Returns what a manifest says for people to read: digests in hexadecimal, lists by commas."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, tuple):
        return ", ".join(map(_plain, value)) or "none"
    return repr(value)


def _states(folder: Path) -> dict[str, tuple[int, int, int]]:
    """Returns every visible file's inode, size in bytes and time of change, by relative path."""
    states = {}
    for path, place in visible_files(folder):
        with local_files(place):
            state = place.stat()
        states[path] = (state.st_ino, state.st_size, state.st_mtime_ns)
    return states


def _require_unchanged(folder: Path, before: dict[str, tuple[int, int, int]]) -> None:
    if _states(folder) != before:
        raise ConfigError(
            f"{folder} was changed while it was published; nothing is on the chain: run it "
            "again when its files stay as they are"
        )


class Publisher:
    """Publishes version folders for one account."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def publish(
        self,
        folder: Path,
        target: PublishTarget,
        description: VersionMetadata,
        register: Callable[[PublishTarget], Model],
        progress: Progress | None = None,
        replaced: Manifest | None = None,
    ) -> Version:
        """Publishes a folder as the next version of a model, or finds it published already.

        A model is registered when its files have been checked; a public one when they are stored,
        a private one just before, since its key belongs to it.

        Args:
            folder: the files, read where they are; a `manifest.json` in it must match, without
                one it is made and stored with them.
            target: whose version.
            description: what the manifest says.
            register: returns the target's model, and registers it if it is new.
            progress: called with bytes done and bytes in all.
            replaced: a manifest that, where the folder holds it, gives way to a new one.

        Raises:
            ManifestError: the folder doesn't match its manifest, or holds a refused file.
            ConfigError: the folder brings a manifest, and it says other than the description; a
                name that not every system can hold; a folder without a file; a file that can't be
                read, or that was changed meanwhile.
            StorageError: the content could not be made durable; nothing was written to the chain.
            Reverted: the contract refuses, e.g. `VersionNumberTaken`.
        """
        check_model_folder(folder)
        before = _states(folder)
        check_portable(before)
        check_no_folder_is_empty(folder)
        manifest, extra = self._manifest(folder, description, replaced)
        if not manifest.files:
            raise ConfigError(f"{folder} holds no file beside {MANIFEST_NAME}; put the model in")
        told = _told(folder / MANIFEST_NAME, manifest, description)
        label_word(told.licence, "licence", empty=True)
        model = None if target.visibility is Visibility.PUBLIC else register(target)
        if model is None:
            cid = add_path(self._connection.store, folder, progress, extra)
        else:
            cid = self._sealed(folder, extra, model, progress)
        _require_unchanged(folder, before)
        return self.commit(cid, model or register(target), told)

    def _manifest(
        self, folder: Path, description: VersionMetadata, replaced: Manifest | None
    ) -> tuple[Manifest, dict[str, bytes]]:
        """Returns the folder's manifest, and what has to be stored beside the folder's own files.

        Nothing is written into the folder, nor is it copied.
        """
        place = folder / MANIFEST_NAME
        if place.is_file():
            with local_files(place):
                manifest = Manifest.parse(place.read_bytes())
            if manifest != replaced:
                manifest.verify_folder(
                    folder,
                    f"delete {place} to publish the folder as a new version, or say which version "
                    "it comes from: --from NAME:version",
                )
                return manifest, {}
        manifest = Manifest.build(
            folder,
            framework=description.framework,
            architecture=description.architecture,
            licence=description.licence,
            parents=description.parents,
            round_id=description.round_id if description.round_id != ZERO_ID else None,
            metadata=description.metadata,
        )
        return manifest, {MANIFEST_NAME: manifest.to_json()}

    def _sealed(
        self, folder: Path, extra: dict[str, bytes], model: Model, progress: Progress | None
    ) -> Cid:
        """Stores a private version and returns its CID; on the disk there is no plain copy."""
        with local_files("the folder for temporary files (TMPDIR)"):
            scratch = tempfile.TemporaryDirectory(prefix="tally-sealed-")
        with scratch as place:
            sealed = PrivateModels(self._connection).sealed(
                folder, model, Path(place) / "sealed", extra
            )
            return add_path(self._connection.store, sealed, progress)

    def commit(self, cid: Cid, model: Model, description: VersionMetadata) -> Version:
        """Commits stored content to the chain as the model's next version, once.

        Raises:
            ConfigError: the content was yanked, or the version was sent and the events don't tell
                of it.
            StorageError: the store does not keep the content.
            Reverted: not a publisher of the model, or parents that aren't versions.
        """
        self._durable(cid)
        state, registry = self._connection.state(), self._connection.chain.model_registry
        name = b"publishVersion" + keccak256(model.model_id + cid.digest)
        published = self._published(state, model, cid)
        if published is None:
            number = len(state.catalogue.versions_of(model.model_id)) + 1
            registry.publish_version(
                model.model_id,
                number,
                Content(cid.digest, cid.codec),
                description.parents,
                description.round_id,
                label_word(description.licence, "licence", empty=True),
            ).send(intent=Intent(name))
            published = self._published(self._connection.state(), model, cid)
        elif published.status is VersionStatus.YANKED:
            at = f"{model.slug}:{published.number}"
            raise ConfigError(
                f"this content is {at}, which was yanked ({published.reason or 'no reason'}); "
                f"change it, or take the yank back: tally version restore {at}"
            )
        if published is None:
            raise ConfigError("the version was sent but is not in the events; run publish again")
        registry.contract.forget(name)
        return published

    def _durable(self, cid: Cid) -> None:
        self._connection.store.pin(cid)
        if not self._connection.store.is_pinned(cid):
            raise StorageError(f"{cid}: the store did not keep the pin; nothing was published")

    def _published(self, state: RegistryState, model: Model, cid: Cid) -> Version | None:
        for version in state.catalogue.versions_of(model.model_id):
            if version.content.digest == cid.digest:
                return version
        return None

    def set_channel(self, model_id: ModelId, channel: str, number: int) -> None:
        """Points a channel at a version, unless it already does."""
        state = self._connection.state()
        now = state.catalogue.channels.get((model_id, channel))
        if now is not None and now.history and now.number == number:
            return
        registry = self._connection.chain.model_registry
        registry.set_channel(model_id, channel_word(channel), number).send()
