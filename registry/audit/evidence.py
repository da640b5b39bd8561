"""What an audit works on: the events' state, the contracts to hold it against, the content."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.audit.findings import Kind, Report
from registry.errors import BlobCorrupted, BlobNotFound, StorageError
from registry.index import RegistryState
from registry.storage import RAW, Cid, fetch_path
from registry.types import ModelId
from registry.usecases.connection import Connection

__all__ = ["Evidence", "name_of"]


@dataclass
class Evidence:
    """One audit's sources. `scratch` is a folder that the audit may fill."""

    connection: Connection
    state: RegistryState
    report: Report
    scratch: Path
    only: ModelId | None = None
    _folders: dict[bytes, Path | None] = field(default_factory=dict)

    def read(self, contract: str, function: str, *arguments: Any) -> Any:
        """Calls a view at the block that the audit is of."""
        reader = self.connection.contracts[contract]
        return reader.read(function, *arguments, block=self.report.block_number)

    def concerns(self, model_id: ModelId) -> bool:
        """Says whether a model is within the audit."""
        return self.only in (None, model_id)

    def folder(self, cid: Cid, subject: str, may_lack: bool = False) -> Path | None:
        """Fetches a folder once, every block checked; a failure is a finding, and None.

        Args:
            cid: the folder's.
            subject: its name in findings.
            may_lack: content that nobody holds whole is None without a finding; a store that
                doesn't answer still is one.
        """
        if cid.digest not in self._folders:
            place = self.scratch / "content" / cid.digest.hex()
            with self.finding(Kind.CONTENT, subject):
                self._folders[cid.digest] = None
                try:
                    fetch_path(self.connection.store, cid, place)
                    self._folders[cid.digest] = place
                except (BlobNotFound, BlobCorrupted):
                    if not may_lack:
                        raise
        return self._folders[cid.digest]

    def document(self, digest: bytes, subject: str) -> bytes | None:
        """Fetches a document, checked against its digest; a failure is a finding, and None."""
        with self.finding(Kind.CONTENT, subject):
            return self.connection.store.get_block(Cid(RAW, digest))
        return None

    @contextmanager
    def finding(self, kind: Kind, subject: str) -> Iterator[None]:
        """Turns a storage error within into a finding."""
        self.report.count(str(kind))
        try:
            yield
        except StorageError as error:
            self.report.differ(kind, subject, "content that hashes to its CID", error)


def name_of(evidence: Evidence, model_id: ModelId) -> str:
    """Returns a model's name for messages."""
    model = evidence.state.catalogue.models.get(model_id)
    return model.slug if model else "0x" + model_id.hex()[:8]
