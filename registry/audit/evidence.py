"""What an audit works on: the events' state, the contracts to hold it against, the content."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from registry.audit.findings import AuditVerdict, FindingKind, Report
from registry.chain.bindings.deployed import DeployedContracts
from registry.chain.calls import View
from registry.chain.headers import Header
from registry.chain.reading import read_views
from registry.errors import (
    BlobAltered,
    BlobCorrupted,
    BlobNotFound,
    ContentTooLarge,
    Reverted,
    StorageError,
)
from registry.index import RegistryState
from registry.storage import Cid, fetch_path, get_document
from registry.types import ModelId
from registry.usecases.connection import Connection

__all__ = ["AuditEvidence", "name_of"]

T = TypeVar("T")
_MOST_WAITING = 500


@dataclass
class AuditEvidence:
    """One audit's sources. `header` is of the block that it is of, `scratch` a folder to fill.

    `headers` holds the proved headers of all blocks with events.
    """

    connection: Connection
    state: RegistryState
    report: Report
    header: Header
    scratch: Path
    only: ModelId | None = None
    headers: Mapping[int, Header] = field(default_factory=dict)
    _folders: dict[bytes, Path | None] = field(default_factory=dict)
    _waiting: list[tuple[View[Any], str, Callable[[Any], None]]] = field(default_factory=list)

    # the contracts' own storage

    @property
    def chain(self) -> DeployedContracts:
        """The contracts whose views are asked."""
        return self.connection.chain

    def ask(self, subject: str, view: View[T], take: Callable[[T], None]) -> None:
        """Has a view called at the audit's block, many at a time; `take` gets what it answers.

        A view that reverts is a finding: the events say that there is something to look at.
        """
        self._waiting.append((view, subject, take))
        if len(self._waiting) >= _MOST_WAITING:
            self.settle()

    def expect(self, subject: str, told: T, view: View[T]) -> None:
        """Has a view called, and compares what the contract keeps with what the events tell."""

        def take(kept: T) -> None:
            self.report.compare(FindingKind.EVENT, subject, kept, told)

        self.ask(subject, view, take)

    def settle(self) -> None:
        """Calls the views that wait."""
        waiting, self._waiting = self._waiting, []
        calls = [view for view, _, _ in waiting]
        answers = read_views(self.connection.gateway, calls, self.report.block_number)
        for (_, subject, take), answer in zip(waiting, answers, strict=True):
            if isinstance(answer, Reverted):
                self.report.differ(FindingKind.EVENT, subject, "what the events tell", answer)
            else:
                take(answer)

    def concerns(self, model_id: ModelId) -> bool:
        """Says whether a model is within the audit."""
        return self.only in (None, model_id)

    # content

    def folder(
        self, cid: Cid, subject: str, *, may_lack: bool = False, whose: str = "", odd: bool = False
    ) -> Path | None:
        """Fetches a folder once, every block checked; a failure is a finding, and None.

        Args:
            cid: the folder's.
            subject: its name in findings.
            may_lack: content that nobody holds whole is None without a finding.
            whose: who should have kept it there.
            odd: whether its lack harms nobody but its publisher.
        """
        if cid.digest not in self._folders:
            place = self.scratch / "content" / cid.digest.hex()
            self._folders[cid.digest] = None
            with self.content(subject, may_lack=may_lack, whose=whose, odd=odd):
                fetch_path(self.connection.store, cid, place)
                self._folders[cid.digest] = place
        return self._folders[cid.digest]

    def release(self) -> None:
        """Lets the fetched folders go, so that the disk never holds the whole registry."""
        self._folders.clear()
        shutil.rmtree(self.scratch / "content", ignore_errors=True)

    def document(
        self, digest: bytes, subject: str, *, whose: str = "", odd: bool = False
    ) -> bytes | None:
        """Fetches a document, checked against its digest; a failure is a finding, and None."""
        with self.content(subject, whose=whose, odd=odd):
            return get_document(self.connection.store, digest)
        return None

    @contextmanager
    def content(
        self, subject: str, *, may_lack: bool = False, whose: str = "", odd: bool = False
    ) -> Iterator[None]:
        """Turns what storage lacks or has wrong into a finding.

        A store that doesn't answer ends the audit without a verdict: its errors pass.
        """
        self.report.count(str(FindingKind.CONTENT))
        hashed = "content that hashes to its CID"
        try:
            yield
        except BlobNotFound as error:
            verdict = AuditVerdict.ODD if odd else AuditVerdict.UNKNOWN
            if not may_lack:
                self._content(subject, hashed, error, verdict, whose)
        except BlobAltered as error:
            if not may_lack:
                self._content(subject, hashed, error, AuditVerdict.WRONG, "storage")
        except BlobCorrupted as error:  # its hash is right: whoever made it made it so
            verdict = AuditVerdict.ODD if odd else AuditVerdict.WRONG
            if not may_lack:
                self._content(subject, "content that is well formed", error, verdict, whose)
        except ContentTooLarge as error:
            verdict = AuditVerdict.ODD if odd else AuditVerdict.UNKNOWN
            self._content(subject, "content that can be fetched", error, verdict, whose)

    def _content(
        self, subject: str, expected: str, error: StorageError, verdict: AuditVerdict, whose: str
    ) -> None:
        self.report.differ(
            FindingKind.CONTENT, subject, expected, error, verdict=verdict, whose=whose
        )


def name_of(evidence: AuditEvidence, model_id: ModelId) -> str:
    """Returns a model's name for messages."""
    model = evidence.state.catalogue.models.get(model_id)
    return model.slug if model else "0x" + model_id.hex()[:8]
