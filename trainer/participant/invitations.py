"""Who is invited to a round: its allow-list, and the proof that the contract asks for."""

from __future__ import annotations

from registry.documents.allow_list import LARGEST_ALLOW_LIST, read_allow_list
from trainer.documents.fetching import of_others
from trainer.documents.terms_document import TermsDocument
from trainer.ports import BlobStore
from trainer.protocol.round_state import RoundState
from trainer.types import ZERO_WORD

__all__ = ["invitation_proof"]


def invitation_proof(
    blobs: BlobStore, state: RoundState, document: TermsDocument, address: str
) -> list[bytes] | None:
    """Returns the proof that an account is invited; None if it isn't, empty for a round of all.

    Args:
        blobs: where the allow-list lies.
        state: the round.
        document: its terms document.
        address: the account's, checksummed.

    Raises:
        StorageError: the list can't be had.
        RoundError: it is malformed.
    """
    root = state.terms.allow_list_root
    if root == ZERO_WORD:
        return []
    if document.allow_list is None:
        return None
    data = blobs.get_bytes(document.allow_list, LARGEST_ALLOW_LIST)
    with of_others(state, "allow-list"):
        listed = read_allow_list(data)
    return listed.proof(address) if listed.root == root else None
