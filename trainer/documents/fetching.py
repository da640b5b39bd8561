"""What a round names by digest: its terms' documents, and the document of its result."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.documents.allow_list import AllowList
from registry.documents.result import LARGEST_RESULT, MOST_SEATS, ResultDocument, owed_shares
from registry.errors import (
    BlobCorrupted,
    BlobNotFound,
    ConfigError,
    RoundError,
    StorageError,
    StoreUnavailable,
)
from trainer.documents.terms_document import LARGEST_TERMS, TermsDocument
from trainer.errors import Reason, UpdateRefused
from trainer.ports import BlobStore, PublishedVersion, RoundBoard
from trainer.protocol.round_state import RoundState
from trainer.types import ZERO_WORD, RoundTerms

__all__ = [
    "base_of",
    "fetch_base",
    "fetch_document",
    "fetch_owed",
    "fetch_result",
    "fetch_revealed",
    "of_others",
    "store_named",
]

_LARGEST_BASE = 1 << 40


def base_of(board: RoundBoard, terms: RoundTerms) -> PublishedVersion:
    """Returns the version that a round trains further."""
    return board.versions(terms.model_id)[terms.base_version - 1]


def fetch_base(
    board: RoundBoard, blobs: BlobStore, terms: RoundTerms, folder: Path
) -> PublishedVersion:
    """Fetches the version that a round trains further into a folder; returns it.

    Raises:
        StorageError: it can't be had, or is larger than 2^40 bytes.
    """
    version = base_of(board, terms)
    blobs.get_folder(version.content_digest, folder, _LARGEST_BASE)
    return version


@contextmanager
def of_others(state: RoundState, what: str) -> Iterator[None]:
    """Tells what others wrote for a round from this account's own settings: no fault of its own.

    Args:
        state: the round.
        what: of it is read within, for the message.

    Raises:
        RoundError: it is malformed, or asks for what there isn't.
    """
    try:
        yield
    except (ConfigError, UnicodeError) as error:
        raise RoundError(f"the {what} of round {state.number} can't be used: {error}") from error


def store_named(
    blobs: BlobStore,
    terms: RoundTerms,
    document: TermsDocument,
    allow_list: AllowList | None = None,
) -> None:
    """Stores the terms document and the allow-list.

    Raises:
        RoundError: the terms name another document or list, or more seats than a result lists.
    """
    if terms.maximum_participants > MOST_SEATS:
        raise RoundError(
            f"expected at most {MOST_SEATS} seats, which a result document holds, got "
            f"{terms.maximum_participants}; open several rounds"
        )
    if terms.document_digest != document.digest or terms.strategy != document.strategy:
        raise RoundError("the terms don't name this document; set digest and strategy from it")
    named = document.allow_list, terms.allow_list_root
    if named != ((allow_list.digest, allow_list.root) if allow_list else (None, ZERO_WORD)):
        raise RoundError("the terms don't name this allow-list; set digest and root from it")
    if allow_list is not None:
        blobs.put_bytes(allow_list.to_json())
    blobs.put_bytes(document.to_json())


def fetch_document(blobs: BlobStore, terms: RoundTerms) -> TermsDocument:
    """Returns the document that terms name.

    Raises:
        StorageError: it can't be had.
        ConfigError: it is malformed.
    """
    return TermsDocument.parse(blobs.get_bytes(terms.document_digest, LARGEST_TERMS))


def fetch_revealed(blobs: BlobStore, digest: bytes, folder: Path, limit: int) -> None:
    """Fetches the folder that a participant revealed.

    Args:
        blobs: where from.
        digest: of its content, 32 bytes.
        folder: where to.
        limit: how many bytes it may have.

    Raises:
        UpdateRefused: nobody has it, or it is larger: the participant's fault.
        StoreUnavailable: storage gave no answer; run again.
    """
    try:
        blobs.get_folder(digest, folder, limit)
    except StoreUnavailable:
        raise  # our storage, not the participant's fault
    except (BlobNotFound, BlobCorrupted) as error:
        raise UpdateRefused(Reason.MISSING_CONTENT, type(error).__name__) from error
    except StorageError as error:
        raise UpdateRefused(Reason.SIZE, f"expected at most {limit} bytes") from error


def fetch_result(blobs: BlobStore, state: RoundState) -> ResultDocument:
    """Returns the document of a round's result.

    Raises:
        RoundError: the round has no result.
        StorageError: it can't be had.
        ConfigError: it is malformed.
    """
    if state.result is None:
        raise RoundError(f"round {state.number} has no result")
    return ResultDocument.parse(blobs.get_bytes(state.result.document_digest, LARGEST_RESULT))


def fetch_owed(blobs: BlobStore, state: RoundState) -> dict[str, int]:
    """Returns what a final round owes, by participant; nothing if its document isn't one (P-8).

    Raises:
        RoundError: the round has no result.
        BlobNotFound: no source has the document, so what it owes isn't known yet.
        StoreUnavailable: storage gave no answer; run again.
    """
    if state.result is None:
        raise RoundError(f"round {state.number} has no result")
    data = blobs.get_bytes(state.result.document_digest, LARGEST_RESULT)
    return owed_shares(data, state.round_id, state.terms.reward_budget)
