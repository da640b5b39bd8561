"""What a round's posted batches say: who stands in them, and what their reveals open to."""

from __future__ import annotations

from registry.documents.batch_entries import Opening
from registry.documents.batch_signatures import check_openings
from registry.documents.batches import (
    LARGEST_BATCH,
    CommitmentBatch,
    read_commitments,
    read_reveals,
)
from registry.errors import RoundError
from registry.signing import Domain
from trainer.ports import BlobStore
from trainer.protocol.round_state import RoundState

__all__ = ["openings_of", "posted_batch"]


def posted_batch(blobs: BlobStore, state: RoundState, number: int) -> CommitmentBatch:
    """Returns a posted batch's document, held against its root and round.

    Raises:
        StorageError: the document can't be had.
        ConfigError: it is malformed.
        RoundError: it gives another root, round or count.
    """
    batch = state.batches[number]
    found = read_commitments(blobs.get_bytes(batch.document_digest, LARGEST_BATCH))
    if (found.root, len(found.commitments)) != (batch.root, batch.count):
        raise RoundError(f"the document of batch {number} doesn't give its root and count")
    if found.round_id != state.round_id:
        raise RoundError(f"the document of batch {number} is another round's")
    return found


def openings_of(blobs: BlobStore, state: RoundState, domain: Domain) -> dict[str, Opening]:
    """Returns every revealed opening by participant: sent one by one, and posted in batches.

    Args:
        blobs: where the batches' documents lie.
        state: the round's.
        domain: of the rounds' contract.

    Raises:
        StorageError: a document can't be had.
        ConfigError: it is malformed.
        RoundError: it belongs to another batch, or a reveal opens no commitment of its batch.
    """
    found, most = dict(state.reveals), state.terms.maximum_participants
    for number, batch in sorted(state.standing.items()):
        if not batch.revealed_document:
            continue
        reveals = read_reveals(blobs.get_bytes(batch.revealed_document, LARGEST_BATCH))
        if (reveals.batch, len(reveals.reveals)) != (number, batch.revealed_count):
            raise RoundError(f"the reveals of batch {number} give another number or count")
        check_openings(domain, posted_batch(blobs, state, number), reveals)
        for opened in reveals.reveals:
            # Who enrolled reveals by itself; and no more count than the weights were bounded for.
            if opened.participant in state.enrolled or len(found) >= most:
                continue
            # Revealed twice is counted once: the one that came first stays.
            found.setdefault(opened.participant, opened)
    return found
