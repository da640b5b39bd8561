"""Batches of a round, posted: every signature and every opening is checked first (R-5)."""

from __future__ import annotations

from registry.chain.bindings import structs
from registry.chain.bindings.structs import RevealLeaf
from registry.chain.contract_signatures import ChainSignatureChecker
from registry.documents.batch_entries import Opening, SignedCommitment
from registry.documents.batch_signatures import check_commitments, check_openings, check_signature
from registry.documents.batches import LARGEST_BATCH, CommitmentBatch, RevealBatch
from registry.errors import ConfigError, SignatureInvalid
from registry.index import RoundRecord
from registry.signing import ContractSignatureChecker
from registry.storage import RAW, Cid
from registry.types import RoundId
from registry.usecases.connection import Connection

__all__ = ["Batches"]


class Batches:
    """Posts batches for the coordinator, and reveals from one for a participant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _record(self, round_id: RoundId) -> RoundRecord:
        record = self._connection.state().rounds.rounds.get(round_id)
        if record is None:
            raise ConfigError(f"no round 0x{round_id.hex()}; see `tally round list`")
        return record

    def commit(self, batch: CommitmentBatch) -> int:
        """Stores and posts a batch, unless one of that root is posted; returns its number.

        Raises:
            SignatureInvalid: an entry that its participant did not sign; nothing is posted.
            Reverted: not the coordinator, another phase, or more than the seats left.
            ConfigError: the batch was posted, and the events don't tell of it.
        """
        number = self._number(batch)
        if number is not None:
            return number
        checker = ChainSignatureChecker(self._connection.gateway)
        check_commitments(self._connection.rounds_domain(), batch, checker)
        document = self._store(batch.to_json())
        rounds, count = self._connection.chain.training_rounds, len(batch.commitments)
        rounds.commit_batch(batch.round_id, batch.root, count, document).send()
        number = self._number(batch)
        if number is None:
            raise ConfigError("the batch was posted but is not in the events; see `tally round`")
        return number

    def reveal(self, reveals: RevealBatch) -> None:
        """Stores and posts the reveals of a batch, unless they are posted.

        Raises:
            RoundError: a reveal that doesn't open its commitment, or the batch is revealed
                otherwise already; nothing is posted.
            StorageError: the batch's document can't be had.
            Reverted: not the coordinator, another phase, or more reveals than seats.
        """
        round_id, number, root = reveals.round_id, reveals.batch, reveals.root
        record = self._record(round_id).batches.get(number)
        if record is not None and record.revealed_root == root:
            return
        check_openings(self._connection.rounds_domain(), self.document(round_id, number), reveals)
        document = self._store(reveals.to_json())
        rounds, count = self._connection.chain.training_rounds, len(reveals.reveals)
        rounds.reveal_batch(round_id, number, root, count, document).send()

    def reveal_from(
        self,
        round_id: RoundId,
        number: int,
        opened: Opening,
        witness: tuple[bytes, list[bytes]] | None = None,
    ) -> None:
        """Reveals one commitment of a batch by its proof, unless it is revealed.

        Args:
            round_id: 32 bytes.
            number: the batch's.
            opened: what the participant's commitment opens to.
            witness: the signature's keccak-256 and the proof of its leaf; None: worked out from the
                batch's document.

        Raises:
            StorageError: the batch's document can't be had.
            Reverted: another phase, a struck batch, or no seat left.
        """
        if opened.participant in self._record(round_id).reveals:
            return
        who = opened.participant
        if witness is None:
            batch = self.document(round_id, number)
            entry, proof = batch.find(who), batch.proof(who)
            witness = (b"" if entry is None else entry.signature_hash), proof
        opening = structs.Opening(
            opened.update_root, opened.content_digest, opened.weight, opened.salt
        )
        rounds = self._connection.chain.training_rounds
        rounds.reveal_from_batch(round_id, number, who, opening, *witness).send()

    def strike_forged(self, round_id: RoundId) -> list[int]:
        """Strikes every batch with an entry that its participant did not sign; returns them.

        Those that something was revealed from can't be struck any more; the audit names them.

        Raises:
            StorageError: a batch's document can't be had.
            Reverted: the round's reveals have ended.
        """
        checker, struck = ChainSignatureChecker(self._connection.gateway), []
        for number, posted in sorted(self._record(round_id).standing.items()):
            if posted.is_revealed_from:
                continue
            batch = self.document(round_id, number)
            forged = self._first_forged(batch, checker)
            if forged is None:
                continue
            who, proof = forged.participant, batch.proof(forged.participant)
            leaf = who, forged.commitment, forged.signature
            self._connection.chain.training_rounds.strike_batch(
                round_id, number, *leaf, proof
            ).send()
            struck.append(number)
        return struck

    def _first_forged(
        self, batch: CommitmentBatch, checker: ContractSignatureChecker
    ) -> SignedCommitment | None:
        domain = self._connection.rounds_domain()
        for entry in batch.commitments:
            try:
                check_signature(domain, batch.round_id, entry, checker)
            except SignatureInvalid:
                return entry
        return None

    def count_once(self, reveals: RevealBatch, participant: str) -> None:
        """Shows that a participant of posted reveals revealed by itself too, unless it is shown.

        Raises:
            ConfigError: the reveals don't hold the participant.
            Reverted: it didn't reveal by itself, or another phase.
        """
        opened = reveals.find(participant)
        if opened is None:
            raise ConfigError(f"expected a participant of the batch's reveals, got {participant}")
        words = opened.update_root, opened.content_digest, opened.weight
        leaf = RevealLeaf(participant, *words)
        counted = self._record(reveals.round_id).batches[reveals.batch].counted_once
        if participant not in counted:
            proof = reveals.proof(opened)
            rounds = self._connection.chain.training_rounds
            rounds.count_once(reveals.round_id, reveals.batch, leaf, proof).send()

    def document(self, round_id: RoundId, number: int) -> CommitmentBatch:
        """Returns a posted batch's document, held against its root and round.

        Raises:
            ConfigError: no such batch, or a document that doesn't give its root.
            StorageError: the document can't be had.
        """
        record = self._record(round_id).batches.get(number)
        if record is None:
            raise ConfigError(f"round 0x{round_id.hex()} has no batch {number}")
        data = self._connection.store.get_block(Cid(RAW, record.document_digest))
        if len(data) > LARGEST_BATCH:
            raise ConfigError(f"batch {number}: expected at most {LARGEST_BATCH} bytes")
        found = CommitmentBatch.parse(data)
        if found.root != record.root or found.round_id != round_id:
            raise ConfigError(f"the document of batch {number} gives another root or round")
        return found

    def _number(self, batch: CommitmentBatch) -> int | None:
        posted = self._record(batch.round_id).batches
        same = (n for n, b in posted.items() if b.root == batch.root and not b.struck)
        return next(same, None)

    def _store(self, text: bytes) -> bytes:
        # Content first: a root on the chain whose document nobody has would be of no use.
        cid = self._connection.store.put_block(text, RAW)
        self._connection.store.pin(cid)
        return cid.digest
