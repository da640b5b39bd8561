"""Where a fetch may write: nowhere that holds somebody's own files.

A folder is written into if it isn't there or is empty, if a fetch of the same version was cut
there, or if all that it holds is a version as it was fetched. A hidden mark beside it says that a
fetch is under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.documents.manifest import MANIFEST_NAME, Manifest
from registry.errors import ConfigError, ManifestError
from registry.hashing import sha256_file
from registry.model_files.local_files import local_files
from registry.model_files.names import visible_files
from registry.storage import Cid, beside

__all__ = ["fetching_to"]


@contextmanager
def fetching_to(place: Path, cid: Cid) -> Iterator[None]:
    """Marks a folder as being fetched into, while it lasts.

    Args:
        place: the folder.
        cid: what is fetched.

    Raises:
        ConfigError: the folder holds something else.
    """
    mark = beside(place, "fetching", str(cid))
    with local_files(place):
        if not mark.exists() and not _is_free(place) and not _is_a_version(place):
            raise ConfigError(
                f"{place} holds something else than a version as it was fetched; nothing was "
                "written: give another folder with --to, or take out what isn't of it"
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    yield
    mark.unlink(missing_ok=True)


def _is_free(place: Path) -> bool:
    if not place.exists() or not place.is_dir():
        return not place.is_file()
    return not any(not child.name.startswith(".") for child in place.iterdir())


def _is_a_version(place: Path) -> bool:
    """Tells whether all that the folder holds is a fetched version, or what is left of one."""
    named = place / MANIFEST_NAME
    if not place.is_dir() or not named.is_file():
        return False
    try:
        files = Manifest.parse(named.read_bytes()).files
        found = {path: at for path, at in visible_files(place) if path != MANIFEST_NAME}
    except (ManifestError, ConfigError):
        return False
    return set(found) <= set(files) and all(
        sha256_file(at) == (files[path].size, files[path].digest) for path, at in found.items()
    )
