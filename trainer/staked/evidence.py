"""The updates that count, fetched by what was revealed and held against their roots.

The chain has decided that they count, so nothing is refused here for its signature or its norm:
an update is its vector, and the vector is the one of the revealed root. One that can't be had is
None, and a reason to ask for it (F-10). Vectors are mapped from their files, never loaded.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import final

import numpy as np

from registry.errors import AggregationError, StorageError, StoreUnavailable
from registry.fraud_proofs.nodes import RevealedUpdate
from trainer.documents.masked_updates import map_masked
from trainer.documents.update_files import load_vector
from trainer.documents.update_folders import UPDATE_FILE, folder_limit
from trainer.errors import Reason, UpdateRefused
from trainer.ports import BlobStore
from trainer.privacy.masked_roots import PackedVector
from trainer.staked.state import StakedState
from trainer.types import IntVector
from trainer.vectors.vector_roots import CHUNK, vector_root

__all__ = ["CountedUpdates", "Values", "read_masked", "read_vector"]

Values = IntVector | PackedVector
"""An update's values: on the lattice, or hidden and packed."""

_BLOCK = 1 << 20


def read_vector(folder: Path, bits: int, length: int, root: bytes) -> IntVector:
    """Returns an update's values, shape (length,), mapped from its file.

    Args:
        folder: what was fetched by the revealed content digest.
        bits: the values' width.
        length: how many there are.
        root: the revealed one (L-4).

    Raises:
        UpdateRefused: there are no such values in it.
    """
    vector = load_vector(folder / UPDATE_FILE, np.dtype(f"int{bits}"), length)
    found = vector_root(vector, bits)
    if found != root:
        raise UpdateRefused(
            Reason.COMMITMENT, f"expected values of the root 0x{root.hex()}, got 0x{found.hex()}"
        )
    return vector


def read_masked(folder: Path, width: int, length: int, root: bytes) -> PackedVector:
    """Returns a hidden update's values, mapped from its file.

    Args:
        folder: what was fetched by the revealed content digest.
        width: the values' width.
        length: how many there are.
        root: the revealed one (L-4).

    Raises:
        UpdateRefused: there are no such values in it.
    """
    packed = map_masked(folder / UPDATE_FILE, length, width)
    try:
        vector = PackedVector(packed, length, width)
    except AggregationError as error:
        raise UpdateRefused(Reason.SHAPE, str(error)) from error
    if (found := vector.root()) != root:
        raise UpdateRefused(
            Reason.COMMITMENT, f"expected values of the root 0x{root.hex()}, got 0x{found.hex()}"
        )
    return vector


@final
class CountedUpdates:
    """Fetched updates, each checked once.

    Args:
        blobs: where updates lie.
        work: a folder for what is fetched; may be lost between runs.
        own: a participant's folder of journals (`trainer.participant.participant`), where its own
            updates are even if storage has lost them.
    """

    def __init__(self, blobs: BlobStore, work: Path, own: Path | None = None) -> None:
        self._blobs, self._work, self._own = blobs, work, own
        self._found: dict[tuple[bytes, int, int], Values] = {}
        self._outside: dict[tuple[bytes, int, int], int | None] = {}

    def vector(self, state: StakedState, leaf: RevealedUpdate) -> Values | None:
        """Returns an update's values, shape (vector_length,); None if they can't be had.

        Raises:
            StoreUnavailable: storage gave no answer, which is nobody's fault but ours.
        """
        key = self._key(state, leaf)
        length = state.stakes.vector_length
        read = read_vector if state.hidden is None else read_masked
        if key not in self._found:
            for folder in self._folders(state, leaf):
                try:
                    self._found[key] = read(folder, state.bits, length, leaf.update_root)
                    break
                except UpdateRefused:
                    continue  # the next place, or nothing: then it is asked for
        return self._found.get(key)

    def outside(self, state: StakedState, leaf: RevealedUpdate) -> int | None:
        """Returns the first chunk with a value outside the lattice (L-2); None: no such chunk.

        The one value of a width that isn't on the lattice is the least. Of a hidden update nobody
        can tell.
        """
        vector, key = self.vector(state, leaf), self._key(state, leaf)
        if isinstance(vector, PackedVector):
            return None
        if vector is not None and key not in self._outside:
            self._outside[key] = _outside(vector)
        return self._outside.get(key)

    def release(self, state: StakedState) -> None:
        """Lets the fetched updates of a round go."""
        for opening in state.round.reveals.values():
            place = self._work / "updates" / opening.content_digest.hex()
            shutil.rmtree(place, ignore_errors=True)
            key = opening.update_root, state.bits, state.stakes.vector_length
            self._found.pop(key, None)
            self._outside.pop(key, None)

    @staticmethod
    def _key(state: StakedState, leaf: RevealedUpdate) -> tuple[bytes, int, int]:
        return leaf.update_root, state.bits, state.stakes.vector_length

    def _folders(self, state: StakedState, leaf: RevealedUpdate) -> list[Path]:
        place = self._work / "updates" / leaf.content_digest.hex()
        limit = 2 * folder_limit(state.stakes.vector_length)
        folders = [place]
        if self._own is not None:
            round_folder = self._own / leaf.participant.lower() / state.round_id.hex()
            folders.append(round_folder / "update")
        try:
            self._blobs.get_folder(leaf.content_digest, place, limit)
        except StoreUnavailable:
            raise
        except StorageError:
            return folders[1:]
        return folders


def _outside(vector: IntVector) -> int | None:
    least = np.iinfo(vector.dtype).min
    for start in range(0, vector.size, _BLOCK):
        found = (vector[start : start + _BLOCK] == least).nonzero()[0]
        if found.size:
            return (start + int(found[0])) // CHUNK
    return None
