"""Lets go of what neither the registry's records nor their audit lead to in one's own storage."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from registry.documents.batches import RevealBatch
from registry.documents.evaluation import EVALUATION_FILE
from registry.documents.statement import LARGEST_STATEMENT, STATEMENT_FILE, SignedUpdate
from registry.errors import ConfigError, StorageError
from registry.index import RoundRecord
from registry.storage import (
    LocalStore,
    Pruned,
    get_document,
    list_directory,
    reached,
    read_bytes,
)
from registry.storage.cid import DAG_PB, Cid
from registry.usecases.connection import Connection

__all__ = ["Pruning"]

_UPDATE_FILE = "update.safetensors"
_GRACE = 3_600  # seconds for what is added and not on the chain yet


class Pruning:
    """Prunes the store that a connection writes to.

    Kept are all blocks whose digest any event of the deployment names, whatever they lead to, and
    what documents among them name: versions, terms, lists, results, batches, proposals, payouts,
    keys. Of these go the updates of voided rounds, and those of final rounds but the newest few:
    folders whose statement says that they are of this very round, since anyone may reveal any
    digest in a round of its own. As long as a round is open, what was stored since it began stays:
    a commitment hides its update.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def prune(self, keep_rounds: int | None = None, dry_run: bool = False) -> Pruned:
        """Prunes; returns what went, or would.

        Args:
            keep_rounds: final rounds of each model whose updates stay; None: all. The audit finds
                the others' not available, and can't replay these rounds.
            dry_run: only count.

        Raises:
            ConfigError: the storage is no folder and no IPFS node, or a negative number.
            StorageError: a block can't be read or deleted.
        """
        if keep_rounds is not None and keep_rounds < 0:
            raise ConfigError(f"expected 0 or more rounds to keep, got {keep_rounds}")
        store, dropped = self._connection.store, self._dropped(keep_rounds)
        named = set(self._named()) - dropped
        if isinstance(store, LocalStore):
            kept = reached(store, named, dropped)
            gone = reached(store, dropped) - kept
            return store.prune(kept, gone, self._before(), dry_run)
        return self._unpinned(dropped - named, dry_run)

    def _unpinned(self, dropped: set[bytes], dry_run: bool) -> Pruned:
        """Takes the pins of dropped updates back; others' pins on a node aren't ours to judge."""
        folders = [Cid(DAG_PB, digest) for digest in sorted(dropped)]
        pinned = [cid for cid in folders if self._connection.store.is_pinned(cid)]
        if not dry_run:
            for cid in pinned:
                self._connection.store.unpin(cid)
        return Pruned(len(pinned), 0, 0)

    def _named(self) -> Iterator[bytes]:
        self._connection.state()
        for event in self._connection.index.events:
            yield from _words(event.arguments)

    def _before(self) -> float:
        """Returns the time before which nothing can be on its way to the chain."""
        rounds = self._connection.state().rounds.rounds.values()
        first = [r.block_number for r in rounds if not r.voided and not r.finalised]
        opened = [int(self._connection.gateway.block(min(first))["timestamp"], 16)] if first else []
        return min([time.time() - _GRACE, *opened])

    def _dropped(self, keep_rounds: int | None) -> set[bytes]:
        """Returns the digests of updates that go."""
        state = self._connection.state()
        dropped: set[bytes] = set()
        kept: set[bytes] = {v.content.digest for v in state.catalogue.versions.values()}
        for model in state.catalogue.models:
            records = state.rounds.of_model(model)
            final = [r.round_id for r in records if r.finalised]
            old = set(final if keep_rounds == 0 else final[: -(keep_rounds or len(final) + 1)])
            for record in records:
                updates = set(self._updates(record))
                if record.voided or record.round_id in old:
                    dropped |= {d for d in updates if self._is_update(d, record.round_id)}
                else:
                    kept |= updates
        return dropped - kept

    def _is_update(self, digest: bytes, round_id: bytes) -> bool:
        """Tells whether a digest that was revealed in a round is that of an update for it."""
        store = self._connection.store
        try:
            found = {e.name: e.cid for e in list_directory(store, Cid(DAG_PB, digest))}
            if set(found) - {EVALUATION_FILE} != {_UPDATE_FILE, STATEMENT_FILE}:
                return False
            text = read_bytes(store, found[STATEMENT_FILE], LARGEST_STATEMENT)
            return SignedUpdate.parse(text).statement.round_id == round_id
        except (StorageError, ConfigError):
            return False  # what can't be read is left alone

    def _updates(self, record: RoundRecord) -> Iterator[bytes]:
        yield from (revealed.content_digest for revealed in record.reveals.values())
        for batch in record.batches.values():
            if batch.revealed_document:
                try:
                    text = get_document(self._connection.store, batch.revealed_document)
                    reveals = RevealBatch.parse(text).reveals
                except (StorageError, ConfigError):
                    continue  # what can't be read drops nothing
                yield from (opened.content_digest for opened in reveals)


def _words(value: object) -> Iterator[bytes]:
    """Yields every word of 32 bytes in an event's arguments."""
    if isinstance(value, bytes):
        if len(value) == 32:
            yield value
    elif is_dataclass(value):
        for item in fields(value):
            yield from _words(getattr(value, item.name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from _words(inner)
