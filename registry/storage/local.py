"""The embedded store: a folder that holds blocks, with the CIDs that an IPFS node gives."""

from __future__ import annotations

from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import final

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StorageError
from registry.model_files.local_files import local_files, told
from registry.storage.base import Store
from registry.storage.cid import DAG_PB, Cid
from registry.storage.dag_pb import decode_node
from registry.storage.flatfs import FlatFiles, sync_file
from registry.storage.pruning import Pruned, reached

__all__ = ["LocalStore"]


@final
class LocalStore(Store):
    """Blocks and pins in a folder.

    Blocks are written without waiting for the disk; `pin` reads every block of its tree back and
    waits for it, whoever wrote it. A pin is what a caller asks for before it writes to the chain,
    so that is where content must be durable (T-5, T-10).

    Args:
        folder: made if it is not there.

    Raises:
        ConfigError: the folder can't be made.
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self._blocks = FlatFiles(self.folder / "blocks")
        self._pins = self.folder / "pins"
        try:
            self._blocks.folder.mkdir(parents=True, exist_ok=True)
            self._pins.mkdir(exist_ok=True)
        except OSError as error:
            raise ConfigError(
                f"expected a folder for the store: {told(error, self.folder)}"
            ) from error

    @property
    def parallelism(self) -> int:
        """One: a disk gains nothing by threads."""
        return 1

    def has_block(self, cid: Cid) -> bool:
        """Tells whether the block is in the folder; an empty file counts only if it should be."""
        with local_files(self.folder, StorageError):
            size = self._blocks.size(cid)
        return bool(size) or (size == 0 and Cid.of(b"", cid.codec) == cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Writes the block's file."""
        with local_files(self.folder, StorageError):
            self._blocks.write(cid, data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the block's file."""
        with local_files(self.folder, StorageError):
            return self._blocks.read(cid, limit)

    def pin(self, cid: Cid) -> None:
        """Pins, after every block below was read, found right, and written through to the disk.

        A block that a crash left damaged is deleted, so that adding it again heals it.
        """
        seen: set[Cid] = set()
        todo, missing = [cid], 0
        while todo:
            at = todo.pop()
            if at in seen:
                continue
            seen.add(at)
            try:
                block = self.get_block(at)
            except BlobCorrupted:
                with local_files(self.folder, StorageError):
                    self._blocks.path(at).unlink(missing_ok=True)
                missing += 1
            except BlobNotFound:
                missing += 1
            else:
                if at.codec == DAG_PB:
                    todo.extend(link.cid for link in decode_node(block).links)
        if missing:
            raise BlobNotFound(
                f"{cid} can't be pinned: {missing} blocks below are missing; add it again"
            )
        with local_files(self._pins, StorageError):
            self._sync(seen)
            (self._pins / str(cid)).touch()
            sync_file(self._pins)

    def _sync(self, cids: set[Cid]) -> None:
        paths = [self._blocks.path(cid) for cid in cids]
        folders = {path.parent for path in paths}
        with ThreadPoolExecutor(16) as pool:  # a disk answers many such waits at once
            list(pool.map(sync_file, paths))
            list(pool.map(sync_file, (*folders, self._blocks.folder)))

    def unpin(self, cid: Cid) -> None:
        """Takes the pin back."""
        with local_files(self._pins, StorageError):
            (self._pins / str(cid)).unlink(missing_ok=True)

    def is_pinned(self, cid: Cid) -> bool:
        """Tells whether there is a pin."""
        return (self._pins / str(cid)).exists()

    def pins(self) -> list[Cid]:
        """Returns what is pinned, in order of text."""
        with local_files(self._pins, StorageError):
            return [Cid.parse(path.name) for path in sorted(self._pins.iterdir())]

    def collect(self) -> int:
        """Deletes the blocks that no pin reaches; returns how many.

        Nothing may be added meanwhile: a block that was stored and not yet pinned goes too.
        """
        kept: set[bytes] = set()
        todo = self.pins()
        while todo:
            cid = todo.pop()
            if cid.digest in kept:
                continue
            kept.add(cid.digest)
            if cid.codec == DAG_PB:
                todo.extend(link.cid for link in decode_node(self.get_block(cid)).links)
        dropped = [path for digest, path in self._blocks.digests() if digest not in kept]
        with local_files(self.folder, StorageError):
            for path in dropped:
                path.unlink()
        return len(dropped)

    def prune(
        self, kept: Collection[bytes], gone: Collection[bytes], before: float, dry_run: bool
    ) -> Pruned:
        """Deletes pins and blocks; a run that is cut short has deleted nothing that is kept.

        Args:
            kept: digests of blocks that stay.
            gone: digests of blocks that go, whatever their age, unless they are kept.
            before: seconds since 1970; what neither names goes if it is older than that.
            dry_run: only count.
        """
        kept = reached(self, self._younger(before, gone)) | set(kept)
        pins = [cid for cid in self.pins() if cid.digest not in kept]
        with local_files(self.folder, StorageError):
            blocks = [
                path
                for digest, path in self._blocks.digests()
                if digest not in kept and (digest in gone or path.stat().st_mtime < before)
            ]
            blocks += [path for path in self._blocks.partial() if path.stat().st_mtime < before]
            size = sum(path.stat().st_size for path in blocks)
            if not dry_run:
                for cid in pins:  # first: a pin promises all that is below it
                    self.unpin(cid)
                for path in blocks:
                    path.unlink(missing_ok=True)
        return Pruned(len(pins), len(blocks), size)

    def _younger(self, before: float, gone: Collection[bytes]) -> list[bytes]:
        """Returns what was pinned since, and isn't known to go: it may be on its way to a chain."""
        with local_files(self._pins, StorageError):
            young = [p.name for p in self._pins.iterdir() if p.stat().st_mtime >= before]
        digests = [Cid.parse(name).digest for name in young]
        return [digest for digest in digests if digest not in gone]

    def block_size(self, cid: Cid) -> int:
        """Returns a block's size in bytes, without reading it.

        Raises:
            BlobNotFound: it isn't there.
        """
        with local_files(self.folder, StorageError):
            size = self._blocks.size(cid)
        if size is None:
            raise BlobNotFound(f"{cid} is not in {self.folder}")
        return size

    def close(self) -> None:
        """Nothing is held open."""
