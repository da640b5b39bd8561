"""Files and folders out of a store onto the disk; a fetch that was cut goes on where it stopped.

What is on the disk is believed only after it was hashed again: a complete file is kept if its CID
is the wanted one, a partial one up to its first block that is wrong. A file appears under its name
only when it is complete (atomic rename). Two fetches into one place follow one another.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO, final

from registry.errors import BlobCorrupted, ConfigError, ContentTooLarge
from registry.model_files.local_files import local_files
from registry.storage.adding import Progress
from registry.storage.base import Store
from registry.storage.cid import RAW, Cid
from registry.storage.place_lock import one_at_a_time
from registry.storage.reading import DEFAULT_LIMIT, Piece, piece_contents, pieces
from registry.storage.unixfs import build_file, read_directory, read_file_node

__all__ = ["fetch_path"]

_DEEPEST = 32
_MOST_ENTRIES = 65_536
_LONGEST_PATH = 1_024


@dataclass(frozen=True)
class _File:
    place: Path
    cid: Cid
    size: int


def fetch_path(
    store: Store,
    cid: Cid,
    destination: Path | str,
    progress: Progress | None = None,
    limit: int = DEFAULT_LIMIT,
) -> None:
    """Brings a file or folder to `destination`.

    Args:
        store: where from.
        cid: what.
        destination: the file's or folder's own path; folders above it are made.
        progress: called with content bytes done and in all.
        limit: the most bytes to accept.

    Raises:
        ConfigError: something else stands at the destination, or it can't be written to.
        ContentTooLarge: more bytes than `limit` or than the disk has.
        BlobCorrupted: over 65,536 entries, or paths of over 1,024 characters.
        BlobNotFound, BlobCorrupted, StoreUnavailable: as `Store.get_block`; run it again to
            go on.
    """
    place = Path(destination)
    with local_files(place):
        place.parent.mkdir(parents=True, exist_ok=True)
    files, folders = _plan(store, cid, place)
    total = sum(file.size for file in files)
    with local_files(place):
        free = shutil.disk_usage(place.parent).free
    if total > min(limit, free):
        raise ContentTooLarge(
            f"{cid}: {total} bytes, expected at most {min(limit, free)} "
            f"(the limit is {limit}, the disk has {free} free)"
        )
    with one_at_a_time(place):
        for folder in folders:
            _make_folder(folder)
        fetch = _Fetch(store, total, min(limit, free), progress)
        for file in files:
            with local_files(file.place):
                fetch.file(file)


def _plan(store: Store, root: Cid, place: Path) -> tuple[list[_File], list[Path]]:
    """Walks the directories first, so that sizes and names are known before a byte is written."""
    files: list[_File] = []
    folders: list[Path] = []
    todo: list[tuple[Path, Cid, int, int]] = [(place, root, 0, 0)]
    while todo:
        at, cid, size, depth = todo.pop()
        if cid.codec == RAW:
            files.append(_File(at, cid, size))
            continue
        block = store.get_block(cid)
        links = read_directory(block)
        if links is None:
            files.append(_File(at, cid, read_file_node(block).size))
            continue
        folders.append(at)
        todo.extend((at / k.name, k.cid, k.tsize, depth + 1) for k in reversed(links))
        here = len(str(at)) - len(str(place))
        longest = here + max((len(link.name) for link in links), default=0)
        if longest > _LONGEST_PATH:
            raise BlobCorrupted(
                f"{root}: expected paths of at most {_LONGEST_PATH} characters, got {longest}"
            )
        if depth >= _DEEPEST or len(todo) + len(files) + len(folders) > _MOST_ENTRIES:
            raise BlobCorrupted(
                f"{root}: expected at most {_MOST_ENTRIES} entries in {_DEEPEST} levels"
            )
    return files, folders


def _make_folder(folder: Path) -> None:
    try:
        with local_files(folder):
            folder.mkdir(exist_ok=True)
    except ConfigError as error:
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"expected a folder or nothing at {folder}, got a file") from None
        raise error


@final
class _Fetch:
    def __init__(self, store: Store, total: int, most: int, progress: Progress | None) -> None:
        self._store = store
        self._total, self._most, self._done = total, most, 0
        self._progress = progress

    def _report(self, size: int) -> None:
        """Counts bytes: a directory may say less of its files than they have."""
        self._done += size
        if self._done > self._most:
            raise ContentTooLarge(f"over {self._most} bytes, which was the most to accept")
        if self._progress is not None:
            self._progress(self._done, max(self._total, self._done))

    def file(self, wanted: _File) -> None:
        if wanted.place.is_dir():
            raise ConfigError(f"expected a file or nothing at {wanted.place}, got a folder")
        if _is_complete(wanted):
            self._report(wanted.place.stat().st_size)
            return
        part = wanted.place.with_name(f".{wanted.cid}.part")
        with part.open("a+b") as file:
            rest = self._resume(file, wanted.cid)
            for content in piece_contents(self._store, rest):
                self._report(len(content))
                file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, wanted.place)

    def _resume(self, file: BinaryIO, cid: Cid) -> Iterator[Piece]:
        """Keeps the good blocks at the file's start, cuts the rest off, returns what is to come."""
        coming = pieces(self._store, cid)
        file.seek(0)
        good = 0
        rest: Iterator[Piece] = iter(())
        for piece in coming:
            if not _stands(file, piece):
                rest = chain((piece,), coming)
                break
            good += piece.size or 0
        file.truncate(good)
        if good:
            self._report(good)
        return rest


def _stands(file: BinaryIO, piece: Piece) -> bool:
    if piece.size is None:
        return False
    content = file.read(piece.size)
    if piece.data is not None:
        return content == piece.data
    return len(content) == piece.size and Cid.of(content, RAW) == piece.cid


def _is_complete(wanted: _File) -> bool:
    """Tells whether the file is there already, for trees of the standard layout (C-1)."""
    if wanted.place.is_symlink() or not wanted.place.is_file():
        return False
    with wanted.place.open("rb", buffering=0) as stream:
        return build_file(stream, lambda cid, block: None).cid == wanted.cid
