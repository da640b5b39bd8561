"""Fetching a version: ask the chain for its hash, storage for its blocks, and believe neither.

Every block is checked against its CID, the folder against its manifest, and its files against the
list of formats that are safe to open. A fetch that is cut resumes: what is complete is kept.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from registry.documents.manifest import MANIFEST_NAME, MAX_MANIFEST_BYTES, Manifest
from registry.errors import ConfigError, ManifestError
from registry.model_files import check_model_folder
from registry.model_files.local_files import local_files
from registry.storage import Cid, directory_cid, fetch_path, list_directory, read_bytes
from registry.storage.place_lock import beside, one_at_a_time
from registry.types import Model, Version, VersionStatus, Visibility
from registry.usecases.connection import Connection
from registry.usecases.destinations import fetching_to
from registry.usecases.private_models import PrivateModels

__all__ = ["Fetcher", "require_content", "verify_folder"]

Progress = Callable[[int, int], None]


def verify_folder(folder: Path) -> Manifest:
    """Checks a version folder against its manifest and refuses unsafe files.

    Raises:
        ManifestError: no manifest, or a file differs, is missing, is extra or is refused.
        ConfigError: no such folder.
    """
    if not folder.is_dir():
        raise ConfigError(f"expected a fetched version's folder, got {folder}, which is none")
    place = folder / MANIFEST_NAME
    if not place.is_file():
        raise ManifestError(f"{folder}: expected {MANIFEST_NAME}; is this a fetched version?")
    with local_files(place):
        raw = place.read_bytes()
    manifest = Manifest.parse(raw)
    manifest.verify_folder(folder)
    check_model_folder(folder)
    return manifest


def require_content(connection: Connection, folder: Path, model: Model, version: Version) -> None:
    """Holds a version folder against what the chain records; a private one is sealed for that.

    Raises:
        ManifestError: it isn't that.
        DecryptionFailed: the model is private, and no key was granted to the account.
        KeyNeeded: the model is private, and no key was given.
    """
    private = model.visibility is Visibility.PRIVATE
    sealed = PrivateModels(connection).sealed_cid
    found = sealed(folder, model) if private else directory_cid(folder)
    expected = Cid(version.content.codec, version.content.digest)
    if found != expected:
        raise ManifestError(
            f"{folder}: expected {expected} as the chain records, got {found}; fetch again"
        )


class Fetcher:
    """Fetches versions for one account (or for nobody, if they are public)."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def fetch(
        self,
        model: Model,
        version: Version,
        place: Path,
        progress: Progress | None = None,
        force: bool = False,
    ) -> Manifest:
        """Brings a version's folder to `place` and verifies it.

        Raises:
            ConfigError: the version is yanked, access is refused, or `place` can't be written to
                or holds something else, which `force` replaces if it was fetched.
            BlobNotFound: no source holds it.
            ManifestError: the content doesn't match its manifest.
            DecryptionFailed: the model is private and no key was granted.
        """
        if version.status is VersionStatus.YANKED:
            raise ConfigError(
                f"{model.slug}:{version.number} was yanked ({version.reason or 'no reason'}); "
                "fetch another version"
            )
        cid = Cid(version.content.codec, version.content.digest)
        manifest = self.manifest(model, version)
        with fetching_to(place, cid, manifest, force) as target:
            if model.visibility is Visibility.PRIVATE:
                self._opened(model, cid, target, progress)
            else:
                fetch_path(self._connection.store, cid, target, progress)
            return verify_folder(target)

    def manifest(self, model: Model, version: Version) -> Manifest:
        """Returns a version's manifest, without its other files.

        Raises:
            ConfigError: access is refused.
            BlobNotFound: no source holds it.
            ManifestError: the version has none, or it is malformed.
            DecryptionFailed: the model is private and no key was granted.
        """
        store, cid = self._connection.store, Cid(version.content.codec, version.content.digest)
        private = model.visibility is Visibility.PRIVATE
        if private:
            self._admit(model)  # before storage learns who looks for what
        entries = {entry.name: entry.cid for entry in list_directory(store, cid)}
        if private:
            raw = PrivateModels(self._connection).read_file(model, entries, MANIFEST_NAME)
        elif MANIFEST_NAME in entries:
            raw = read_bytes(store, entries[MANIFEST_NAME], MAX_MANIFEST_BYTES)
        else:
            raise ManifestError(f"{cid}: expected {MANIFEST_NAME} in it; it isn't a version")
        return Manifest.parse(raw)

    def _opened(self, model: Model, cid: Cid, place: Path, progress: Progress | None) -> None:
        with local_files(place):
            place.parent.mkdir(parents=True, exist_ok=True)
        with one_at_a_time(place):
            sealed = beside(place, "sealed", str(cid))
            fetch_path(self._connection.store, cid, sealed, progress)
            PrivateModels(self._connection).opened(sealed, model, place)
            shutil.rmtree(sealed, ignore_errors=True)

    def _admit(self, model: Model) -> None:
        """Refuses early and clearly what the contract says this account may not read (T-33)."""
        account = self._connection.account
        if not self._connection.chain.model_registry.has_access(model.model_id, account).read():
            raise ConfigError(
                f"{model.slug} is private and {account} has no access; ask its owner "
                f"{model.owner} for `tally access grant {model.slug} {account}`"
            )
