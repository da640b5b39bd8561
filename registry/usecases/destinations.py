"""Where a fetch may write: nowhere that holds somebody's own files.

A folder is written into if it isn't there or is empty, if a fetch of the same version was cut
there, or if it is that version, unchanged. A hidden mark beside it says that a fetch is under way.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.errors import ConfigError, ManifestError
from registry.local_files import local_files
from registry.manifest import MANIFEST_NAME, Manifest
from registry.storage import Cid, beside, directory_cid

__all__ = ["fetching_to"]


@contextmanager
def fetching_to(place: Path, cid: Cid, *, sealed: bool) -> Iterator[None]:
    """Marks a folder as being fetched into, while it lasts.

    Args:
        place: the folder.
        cid: what is fetched.
        sealed: whether what ends there is decrypted, and so has another CID.

    Raises:
        ConfigError: the folder holds something else.
    """
    mark = beside(place, "fetching", str(cid))
    with local_files(place):
        if not mark.exists() and not _is_free(place) and not _holds(place, cid, sealed):
            raise ConfigError(
                f"{place} is there and holds something else than this version; nothing was "
                "written: give another folder with --to, or move that one away"
            )
        place.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    yield
    mark.unlink(missing_ok=True)


def _is_free(place: Path) -> bool:
    if not place.exists() or not place.is_dir():
        return not place.is_file()
    return not any(not child.name.startswith(".") for child in place.iterdir())


def _holds(place: Path, cid: Cid, sealed: bool) -> bool:
    """Tells whether the folder is that version, unchanged; of a sealed one, whether any is."""
    manifest = place / MANIFEST_NAME
    if not place.is_dir() or not manifest.is_file():
        return False
    try:
        Manifest.parse(manifest.read_bytes()).verify_folder(place)
        return sealed or directory_cid(place) == cid
    except (ManifestError, ConfigError):
        return False
