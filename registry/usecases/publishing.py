"""Publishing a version: check the files, write the manifest, store, pin, then commit to the chain.

Nothing is written to the chain before every block is stored and pinned (T-5, T-6, T-10). A publish
that dies on the way is run again with the same arguments and finishes: blocks that are stored are
not sent again, a signed transaction is sent again as it is, and content that the model already has
as a version is not published a second time (T-11, T-12).
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from registry.chain.transactions import Intent
from registry.errors import ConfigError, StorageError
from registry.file_names import check_portable, visible_files
from registry.hashing import keccak256
from registry.index import RegistryState
from registry.labels import channel_word, label_word
from registry.manifest import MANIFEST_NAME, Manifest
from registry.model_files import check_model_folder
from registry.storage import Cid, add_path
from registry.types import ZERO_ID, Model, RoundId, Version, VersionId, Visibility
from registry.usecases.connection import Connection
from registry.usecases.private_models import PrivateModels

__all__ = ["Description", "Publisher"]

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Description:
    """What the publisher says of a version; it goes into the manifest."""

    framework: str = ""
    architecture: str = ""
    licence: str = ""
    parents: tuple[VersionId, ...] = ()
    round_id: RoundId = ZERO_ID
    metadata: dict[str, str] = field(default_factory=dict)


def _told(folder: Path, description: Description) -> Description:
    """Returns what a folder's manifest says, which is what the chain has to record.

    Raises:
        ConfigError: the description says otherwise.
    """
    manifest = Manifest.parse((folder / MANIFEST_NAME).read_bytes())
    told = Description(
        manifest.framework,
        manifest.architecture,
        manifest.licence,
        manifest.parents,
        manifest.round_id or ZERO_ID,
        dict(manifest.metadata),
    )
    for name, default in asdict(Description()).items():
        asked, found = getattr(description, name), getattr(told, name)
        if asked not in (default, found):
            raise ConfigError(
                f"{folder / MANIFEST_NAME} says {name} {found!r}, expected {asked!r} as asked for; "
                "delete that file, or leave the option out"
            )
    return told


class Publisher:
    """Publishes version folders for one account."""

    def __init__(self, connection: Connection) -> None:
        self._on = connection

    def publish(
        self,
        folder: Path,
        model: Model,
        description: Description,
        progress: Progress | None = None,
    ) -> Version:
        """Publishes a folder as the next version of a model, or finds it published already.

        Args:
            folder: the files; a `manifest.json` in it must match, without one it is written
                into the copy that is stored.
            model: whose version.
            description: what the manifest says.
            progress: called with bytes done and bytes in all.

        Raises:
            ManifestError: the folder doesn't match its manifest, or holds a refused file.
            ConfigError: the folder brings a manifest, and it says other than the description.
            StorageError: the content could not be made durable; nothing was written to the chain.
            Reverted: the contract refuses, e.g. `VersionNumberTaken`.
        """
        check_model_folder(folder)
        check_portable(path for path, _ in visible_files(folder))
        with tempfile.TemporaryDirectory(prefix="tally-publish-") as scratch:
            staged = self._staged(folder, Path(scratch) / "version", description)
            told = _told(staged, description)
            if model.visibility is Visibility.PRIVATE:
                staged = PrivateModels(self._on).sealed(staged, model, Path(scratch) / "sealed")
            cid = add_path(self._on.store, staged, progress)
        return self.commit(cid, model, told)

    def _staged(self, folder: Path, place: Path, description: Description) -> Path:
        """Returns the folder with a manifest: itself if it has one, else a linked copy."""
        if (folder / MANIFEST_NAME).is_file():
            Manifest.parse((folder / MANIFEST_NAME).read_bytes()).verify_folder(folder)
            return folder
        shutil.copytree(folder, place, symlinks=False)
        manifest = Manifest.build(
            place,
            framework=description.framework,
            architecture=description.architecture,
            licence=description.licence,
            parents=description.parents,
            round_id=description.round_id if description.round_id != ZERO_ID else None,
            metadata=description.metadata,
        )
        (place / MANIFEST_NAME).write_bytes(manifest.to_json())
        return place

    def commit(self, cid: Cid, model: Model, description: Description) -> Version:
        """Commits stored content to the chain as the model's next version, once."""
        self._durable(cid)
        state, registry = self._on.state(), self._on.contracts["ModelRegistry"]
        name = b"publishVersion" + keccak256(model.model_id + cid.digest)
        published = self._published(state, model, cid)
        if published is None:
            number = len(state.catalogue.versions_of(model.model_id)) + 1
            registry.write(
                "publishVersion",
                model.model_id,
                number,
                (cid.digest, cid.codec),
                list(description.parents),
                description.round_id,
                label_word(description.licence, "licence", empty=True),
                intent=Intent(name),
            )
            published = self._published(self._on.state(), model, cid)
        if published is None:
            raise ConfigError("the version was sent but is not in the events; run publish again")
        registry.forget(name)
        return published

    def _durable(self, cid: Cid) -> None:
        self._on.store.pin(cid)
        if not self._on.store.is_pinned(cid):
            raise StorageError(f"{cid}: the store did not keep the pin; nothing was published")

    def _published(self, state: RegistryState, model: Model, cid: Cid) -> Version | None:
        for version in state.catalogue.versions_of(model.model_id):
            if version.content.digest == cid.digest:
                return version
        return None

    def set_channel(self, model: Model, channel: str, number: int) -> None:
        """Points a channel at a version, unless it already does."""
        state = self._on.state()
        now = state.catalogue.channels.get((model.model_id, channel))
        if now is not None and now.history and now.number == number:
            return
        self._on.contracts["ModelRegistry"].write(
            "setChannel", model.model_id, channel_word(channel), number
        )
