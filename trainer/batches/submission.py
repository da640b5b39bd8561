"""A participant's side of batches: hands in its commitment and opening, and checks what is posted.

The coordinator is not trusted: only a posted batch whose document gives its root and holds this
participant's own commitment counts, and there is always time left to act alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from registry.documents.batch_entries import Opening
from registry.documents.batch_signatures import sign_commitment
from registry.documents.batches import LARGEST_BATCH, CommitmentBatch, RevealBatch, read_reveals
from registry.errors import ConfigError, RoundError, StorageError
from registry.signing import Signer, rounds_domain
from trainer.batches.messages import (
    COMMITMENT,
    OPENING,
    RECEIPT,
    HandedCommitment,
    HandedOpening,
    SubmissionReceipt,
)
from trainer.batches.posted import posted_batch
from trainer.documents.update_folders import commitment
from trainer.ports import BlobStore, Mailbox, RoundBoard
from trainer.protocol.actions import BatchStatus
from trainer.protocol.round_state import RoundState

__all__ = ["Handing"]


@final
class Handing:
    """What one participant hands over.

    Args:
        board: seen by the participant's account.
        blobs: where the batches' documents lie.
        mailbox: shared with the coordinator.
        signer: the participant's key.
    """

    def __init__(
        self,
        board: RoundBoard,
        blobs: BlobStore,
        mailbox: Mailbox,
        signer: Signer,
    ) -> None:
        self._board, self._blobs, self._mailbox = board, blobs, mailbox
        self._signer = signer
        self._domain = rounds_domain(board.chain_id, board.rounds_address)
        self._posted: dict[tuple[bytes, int], CommitmentBatch] = {}
        self._read: dict[bytes, RevealBatch] = {}
        # Laid down once and no more: a mailbox that loses things must not keep anyone busy.
        self._laid: set[tuple[bytes, str]] = set()

    def standing(self, state: RoundState, opening: Opening | None) -> BatchStatus:
        """Returns where this participant stands; `opening` is None before it has trained."""
        if opening is None:
            return BatchStatus()
        return BatchStatus(
            handed_in=(state.round_id, COMMITMENT) in self._laid or self._handed_in(state, opening),
            batch=self._batch_of(state, opening),
            opened=(state.round_id, OPENING) in self._laid or self._opened(state, opening),
            confirmed=self._confirmed(state),
            left_out=self._is_left_out(state, opening),
        )

    def hand_in(
        self, state: RoundState, opening: Opening, allow_list_proof: Sequence[bytes] = ()
    ) -> None:
        """Lays the signed commitment down for the coordinator, with the proof of an invitation."""
        entry = sign_commitment(
            self._signer, self._domain, state.round_id, self._commitment(state, opening)
        )
        handed = HandedCommitment(state.round_id, entry, tuple(allow_list_proof))
        self._put(state, COMMITMENT, handed.to_json())

    def hand_over(self, state: RoundState, opening: Opening) -> None:
        """Lays the opening down: only once nobody can commit any more."""
        self._put(state, OPENING, self._opening(state, opening))

    def reveal(self, state: RoundState, number: int, opening: Opening) -> None:
        """Reveals from a batch by proof, without the coordinator."""
        me = self._signer.address
        batch = self._batch(state, number)
        entry, proof = batch.find(me), batch.proof(me)
        signed = b"" if entry is None else entry.signature_hash
        self._board.reveal_from_batch(state.round_id, number, me, opening, signed, proof)

    def _commitment(self, state: RoundState, opening: Opening) -> bytes:
        board, me = self._board, self._signer.address
        return commitment(board.chain_id, board.rounds_address, state.round_id, me, opening)

    def _opening(self, state: RoundState, opening: Opening) -> bytes:
        return HandedOpening(state.round_id, opening).to_json()

    def _put(self, state: RoundState, kind: str, text: bytes) -> None:
        self._mailbox.put(state.round_id, kind, self._signer.address, text)
        self._laid.add((state.round_id, kind))

    def _opened(self, state: RoundState, opening: Opening) -> bool:
        lying = self._mailbox.get(state.round_id, OPENING, self._signer.address)
        return lying == self._opening(state, opening)

    def _handed_in(self, state: RoundState, opening: Opening) -> bool:
        lying = self._mailbox.get(state.round_id, COMMITMENT, self._signer.address)
        try:
            # Not every signer gives the same signature twice, so the commitment is compared.
            handed = None if lying is None else HandedCommitment.parse(lying)
        except ConfigError:
            return False
        return handed is not None and handed.entry.commitment == self._commitment(state, opening)

    def _batch_of(self, state: RoundState, opening: Opening) -> int | None:
        mine = self._commitment(state, opening)
        for number in sorted(state.standing):
            try:
                entry = self._batch(state, number).find(self._signer.address)
            except (StorageError, ConfigError, RoundError):
                continue  # a batch that can't be looked into can't be revealed from either
            if entry is not None and entry.commitment == mine:
                return number
        return None

    def _is_left_out(self, state: RoundState, opening: Opening) -> bool:
        """Tells whether this participant's batch was revealed without its own opening.

        The document alone says nothing: what was posted on the chain counts, root and number.
        """
        number = self._batch_of(state, opening)
        if number is None or not state.batches[number].revealed_document:
            return False
        batch = state.batches[number]
        document = batch.revealed_document
        try:
            if document not in self._read:
                text = self._blobs.get_bytes(document, LARGEST_BATCH)
                self._read[document] = read_reveals(text)
            posted = self._read[document]
        except (StorageError, ConfigError):
            return True  # what can't be read counts for nobody
        if (posted.root, len(posted.reveals)) != (batch.revealed_root, batch.revealed_count):
            return True
        own = opening
        return posted.find(self._signer.address) != own

    def _batch(self, state: RoundState, number: int) -> CommitmentBatch:
        key = state.round_id, number
        if key not in self._posted:
            self._posted[key] = posted_batch(self._blobs, state, number)
        return self._posted[key]

    def _confirmed(self, state: RoundState) -> bool:
        text = self._mailbox.get(state.round_id, RECEIPT, self._signer.address)
        return text == SubmissionReceipt(state.round_id, self._signer.address).to_json()
