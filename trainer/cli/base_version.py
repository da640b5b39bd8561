"""The newest version of a model, fetched and verified: what a command's rounds begin from."""

from __future__ import annotations

import shutil
from pathlib import Path

from registry.client import RegistryClient
from registry.storage import DAG_PB, Cid, fetch_path

__all__ = ["newest_base"]


def newest_base(client: RegistryClient, name: str, place: Path) -> Path:
    """Returns the folder of a model's newest version, and lets go of those of earlier ones.

    Each version has a folder of its own: one that was fetched over another would keep the files
    that it lacks, such as what another strategy's server remembered.

    Args:
        client: of the registry and its storage.
        name: the model's.
        place: a folder for nothing else, made if it isn't there.

    Raises:
        StorageError: the version can't be had.
        ManifestError: its files aren't those of its manifest.
    """
    digest = client.version(name).content.digest
    base = place / digest.hex()
    for other in place.iterdir() if place.is_dir() else ():
        if other.is_dir() and other != base:
            shutil.rmtree(other)
    fetch_path(client.connection.store, Cid(DAG_PB, digest), base)
    client.verify(base)
    return base
