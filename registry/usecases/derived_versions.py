"""Fetch, change, publish: what a version that comes from another takes over from it (M-15)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from registry.documents.manifest import MANIFEST_NAME, Manifest
from registry.errors import ConfigError, ManifestError
from registry.model_files.local_files import local_files
from registry.types import Model, Version, Visibility
from registry.usecases.connection import Connection
from registry.usecases.fetching import Fetcher
from registry.usecases.publishing import VersionMetadata

__all__ = ["derived_from_version", "visibility_from"]


def visibility_from(parent: Model, asked: Visibility | None) -> Visibility | None:
    """Returns the visibility that is asked for where a version comes from another.

    What was private goes out in the clear only where that is said.
    """
    private = parent.visibility is Visibility.PRIVATE
    return Visibility.PRIVATE if private and asked is None else asked


def derived_from_version(
    connection: Connection,
    folder: Path,
    model: Model,
    parent: Version,
    description: VersionMetadata,
) -> tuple[VersionMetadata, Manifest]:
    """Returns what a version that comes from `parent` says, and the parent's manifest.

    The parent comes first among its parents; licence, framework and architecture are the parent's
    where the description says none.

    Args:
        connection: of the registry and the storage.
        folder: what is to be published.
        model: the parent's.
        parent: the version that the folder was fetched as.
        description: what is said of the new version.

    Raises:
        ConfigError: access to the parent is refused, or nothing but the parent is in the folder.
        BlobNotFound: no source holds its manifest.
        ManifestError: it has none.
        DecryptionFailed: it is private, and no key was granted.
    """
    manifest = Fetcher(connection).manifest(model, parent)
    others = tuple(one for one in description.parents if one != parent.version_id)
    taken = replace(
        description,
        parents=(parent.version_id, *others),
        licence=description.licence or manifest.licence,
        framework=description.framework or manifest.framework,
        architecture=description.architecture or manifest.architecture,
    )
    _require_changed(folder, manifest, f"{model.slug}:{parent.number}")
    return taken, manifest


def _require_changed(folder: Path, parent: Manifest, name: str) -> None:
    """Refuses a folder in which nothing but the parent is."""
    place = folder / MANIFEST_NAME
    with local_files(place):
        if place.is_file() and place.read_bytes() != parent.to_json():
            return
    try:
        parent.verify_folder(folder)
    except ManifestError:
        return
    raise ConfigError(f"{folder} is {name} as it was fetched; change it, and publish it then")
