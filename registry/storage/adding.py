"""Files and folders into a store: built in one pass, sent a bounded number of blocks at a time."""

from __future__ import annotations

import io
import os
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any, Self, final

from registry.errors import ConfigError
from registry.model_files.local_files import local_files
from registry.storage.base import Store
from registry.storage.cid import RAW, Cid
from registry.storage.unixfs import Part, build_directory, build_file

__all__ = ["Progress", "add_bytes", "add_path", "directory_cid"]

Progress = Callable[[int, int], None]
_DEEPEST = 32


@final
class _Sender:
    """Puts blocks into a store, several at a time if it gains by that, and none lost on leaving."""

    def __init__(self, store: Store, total: int, progress: Progress | None) -> None:
        self._store = store
        self._total, self._done = total, 0
        self._progress = progress
        self._pool = ThreadPoolExecutor(store.parallelism) if store.parallelism > 1 else None
        self._flying: deque[tuple[Future[None], int]] = deque()

    def __call__(self, cid: Cid, block: bytes) -> None:
        size = len(block) if cid.codec == RAW else 0
        if self._pool is None:
            self._store.put_known(cid, block)
            self._report(size)
            return
        if len(self._flying) >= 2 * self._store.parallelism:
            self._land()
        self._flying.append((self._pool.submit(self._store.put_known, cid, block), size))

    def _land(self) -> None:
        future, size = self._flying.popleft()
        future.result()
        self._report(size)

    def _report(self, size: int) -> None:
        self._done += size
        if self._progress is not None and size:
            self._progress(self._done, self._total)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        try:
            while self._flying and kind is None:
                self._land()
        finally:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)


def add_path(
    store: Store,
    path: Path | str,
    progress: Progress | None = None,
    extra: Mapping[str, bytes] | None = None,
) -> Cid:
    """Stores a file or folder and returns its CID, that of `ipfs add -r --cid-version=1` (C-1).

    On return every block is in the store; `store.pin` makes that last. A run that was cut is
    simply run again: blocks that the store holds are not sent a second time (T-5, T-6).

    Args:
        store: where to.
        path: hidden files below it are left out.
        progress: called with content bytes done and in all, in the caller's thread.
        extra: files by name that stand in the folder beside its own or in place of one, so that
            nothing has to be written into it or copied for them.

    Raises:
        ConfigError: no such path, one that can't be read, a symbolic link or special file, or a
            name that is refused.
        StoreUnavailable: the store does not answer.
    """
    root = Path(path)
    extra = extra or {}
    if extra and not root.is_dir():
        raise ConfigError(f"expected a folder to add {sorted(extra)} to, got {root}")
    total = 0
    if progress is not None:
        total = _total_bytes(root) + sum(len(content) for content in extra.values())
    with _Sender(store, total, progress) as sender:
        beside = [(name, build_file(io.BytesIO(raw), sender)) for name, raw in extra.items()]
        part = _add(root, sender, 0, beside)
    return part.cid


def add_bytes(store: Store, data: bytes) -> Cid:
    """Stores bytes as a file and returns its CID (raw for up to 262,144 bytes)."""
    with _Sender(store, len(data), None) as sender:
        part = build_file(io.BytesIO(data), sender)
    return part.cid


def directory_cid(path: Path | str) -> Cid:
    """Returns the CID that a file or folder would get, storing nothing.

    Raises:
        ConfigError: as in `add_path`.
    """
    return _add(Path(path), lambda cid, block: None, 0).cid


def _add(
    path: Path,
    sink: Callable[[Cid, bytes], None],
    depth: int,
    beside: Sequence[tuple[str, Part]] = (),
) -> Part:
    if depth > _DEEPEST:
        raise ConfigError(f"{path}: expected at most {_DEEPEST} levels of folders")
    if path.is_symlink():
        raise ConfigError(f"{path} is a symbolic link; replace it by what it points to")
    if path.is_dir():
        given = {name for name, _ in beside}
        children = (child for child in _children(path) if child.name not in given)
        parts = ((child.name, _add(child, sink, depth + 1)) for child in children)
        return build_directory(chain(parts, beside), sink)
    if not path.is_file():
        raise ConfigError(f"expected a file or folder, got {path}")
    with local_files(path):
        stream = path.open("rb", buffering=0)
    with stream:
        return build_file(_Readable(stream, path), sink)


@final
class _Readable:
    """A file whose read errors are told as the file's, not as the store's that they pass by."""

    def __init__(self, file: io.FileIO, path: Path) -> None:
        self._file, self._path = file, path

    def read(self, count: int) -> bytes:
        with local_files(self._path):
            return self._file.read(count) or b""


def _children(folder: Path) -> list[Path]:
    with local_files(folder):
        visible = [child for child in folder.iterdir() if not child.name.startswith(".")]
    return sorted(visible, key=lambda child: os.fsencode(child.name))


def _total_bytes(path: Path) -> int:
    if path.is_file():
        return path.stat().st_size
    if path.is_symlink() or not path.is_dir():
        return 0
    return sum(_total_bytes(child) for child in _children(path))
