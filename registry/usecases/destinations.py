"""Where a fetch may write: nowhere that holds anything else than what is fetched (M-14).

A folder is written into if it isn't there or is empty, or if all that it holds is of that version,
as where a fetch was cut. A fetched version that is another one, or was changed, takes `force`, and
then the folder is exchanged when the new one is whole. What no fetch brought is never deleted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.documents.manifest import MANIFEST_NAME, MAX_MANIFEST_BYTES, Manifest
from registry.errors import ConfigError, ManifestError
from registry.hashing import sha256_file
from registry.model_files.local_files import local_files
from registry.model_files.names import visible_files
from registry.storage import Cid, beside

__all__ = ["fetching_to"]


@contextmanager
def fetching_to(place: Path, cid: Cid, manifest: Manifest, force: bool = False) -> Iterator[Path]:
    """Yields the folder to fetch into, which is `place` or, where that is replaced, one beside it.

    Args:
        place: the folder that is asked for.
        cid: what is fetched.
        manifest: the version's own.
        force: replace a fetched version that is another one or was changed.

    Raises:
        ConfigError: the folder holds something else; nothing was written.
    """
    with local_files(place):
        free = _is_free(place) or _is_of(place, manifest)
        if not free:
            _require_replaceable(place, force)
        place.parent.mkdir(parents=True, exist_ok=True)
    target = place if free else beside(place, "replacing", str(cid))
    yield target
    if not free:
        _exchange(place, target)


def _require_replaceable(place: Path, force: bool) -> None:
    """Refuses what isn't a fetched version alone, and one that nobody asked to replace."""
    if place.is_symlink():
        raise ConfigError(
            f"{place} is a symbolic link; give the folder that it points to with --to"
        )
    known = _fetched_files(place)
    if known is None:
        raise ConfigError(
            f"{place} holds something else than a version as it was fetched; nothing was "
            "written: give another folder with --to"
        )
    if not force:
        raise ConfigError(
            f"{place} holds something else than this version as it is fetched; nothing was "
            "written: give another folder with --to, or --force to replace that one"
        )
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        cut = path.name.startswith(".") and path.name.endswith(".part")
        if name not in known and not cut and (path.is_symlink() or not path.is_dir()):
            raise ConfigError(
                f"{place} holds {name!r}, which no fetch brought; nothing was written: give "
                "another folder with --to, or move it away"
            )


def _fetched_files(place: Path) -> set[str] | None:
    """Returns what the manifest in a folder names, and itself; None if there is no such manifest.

    Many programs call a file of theirs so.
    """
    own = place / MANIFEST_NAME
    if not own.is_file():
        return None
    try:
        with own.open("rb") as file:
            return {MANIFEST_NAME, *Manifest.parse(file.read(MAX_MANIFEST_BYTES + 1)).files}
    except ManifestError:
        return None


def _exchange(place: Path, target: Path) -> None:
    """Puts the fetched folder in place of the old one, which is there until the new one is."""
    old = beside(place, "replaced")
    with local_files(place):
        shutil.rmtree(old, ignore_errors=True)
        place.rename(old)
        target.rename(place)
        shutil.rmtree(old)


def _is_free(place: Path) -> bool:
    if not place.exists() or not place.is_dir():
        return not place.is_file()
    return not any(not child.name.startswith(".") for child in place.iterdir())


def _is_of(place: Path, manifest: Manifest) -> bool:
    """Tells whether all that the folder holds is the version, or what is left of it."""
    if not place.is_dir():
        return False
    try:
        found = dict(visible_files(place))
    except (ManifestError, ConfigError):
        return False
    own = found.pop(MANIFEST_NAME, None)
    files = manifest.files
    return (
        (own is None or own.read_bytes() == manifest.to_json())
        and set(found) <= set(files)
        and all(sha256_file(at) == (files[n].size, files[n].digest) for n, at in found.items())
    )
