"""Several stores as one: written to the first, read from the first that gives the right bytes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import final

from registry.errors import BlobCorrupted, BlobNotFound, ConfigError, StorageError, StoreUnavailable
from registry.storage.base import Store
from registry.storage.cid import Cid

__all__ = ["SourceChain"]

Failure = Callable[[Store, Cid, StorageError], None]


@final
class SourceChain(Store):
    """Tries its stores in order; one that is down, lacks a block or lies is passed over (T-7, T-8).

    Args:
        stores: at least one; blocks and pins are written to the first only.
        on_failure: told of each store that was passed over, for a log or a counter.
    """

    def __init__(self, stores: Sequence[Store], on_failure: Failure | None = None) -> None:
        if not stores:
            raise ConfigError("expected at least one store, got none")
        self._stores = tuple(stores)
        self._on_failure = on_failure

    @property
    def parallelism(self) -> int:
        """That of the store that gains most."""
        return max(store.parallelism for store in self._stores)

    def has_block(self, cid: Cid) -> bool:
        """Tells whether the first store holds the block: what was written must be there."""
        return self._stores[0].has_block(cid)

    def write_block(self, cid: Cid, data: bytes) -> None:
        """Writes to the first store."""
        self._stores[0].write_block(cid, data)

    def read_block(self, cid: Cid, limit: int) -> bytes:
        """Returns the block from the first store that has it right.

        Raises:
            BlobCorrupted: one gave other bytes, and none the right ones.
            StoreUnavailable: one did not answer, and none had it.
            StorageError: one could not be read or refused, and none had it.
            BlobNotFound: all answered, none had it.
        """
        errors: list[StorageError] = []
        for store in self._stores:
            try:
                return store.get_block(cid)
            except StorageError as error:  # one that can't be read is passed over, too
                errors.append(error)
                if self._on_failure is not None:
                    self._on_failure(store, cid, error)
        telling = [failure for failure in errors if not isinstance(failure, BlobNotFound)]
        for kind in (BlobCorrupted, StoreUnavailable, StorageError):
            for failure in telling:
                if isinstance(failure, kind):
                    raise failure
        raise BlobNotFound(f"{cid}: none of {len(self._stores)} sources holds it")

    def pin(self, cid: Cid) -> None:
        """Pins in the first store."""
        self._stores[0].pin(cid)

    def unpin(self, cid: Cid) -> None:
        """Takes the pin in the first store back."""
        self._stores[0].unpin(cid)

    def is_pinned(self, cid: Cid) -> bool:
        """Tells whether the first store keeps a pin."""
        return self._stores[0].is_pinned(cid)

    def close(self) -> None:
        """Closes every store."""
        with contextlib.ExitStack() as stack:
            for store in self._stores:
                stack.callback(store.close)
