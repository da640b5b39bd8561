"""The coordinator's side of batches: gathers what is handed in, posts it, confirms openings.

What lies in the mailbox is taken only if it proves itself: a commitment by its participant's
signature and place on the allow-list, an opening by the posted commitment that it opens. Every step
starts from what the board says, so a coordinator that was stopped anywhere goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import final

from registry.addresses import address_order
from registry.documents.batch_entries import Opening, SignedCommitment, commitment_of
from registry.documents.batch_signatures import check_signature, is_by_key
from registry.documents.batches import (
    LARGEST_BATCH,
    MOST_IN_BATCH,
    CommitmentBatch,
    RevealBatch,
    read_reveals,
)
from registry.errors import ConfigError, SignatureInvalid
from registry.merkle import verify as verify_leaf
from registry.signing import ContractSignatureChecker, rounds_domain
from trainer.batches.messages import (
    COMMITMENT,
    OPENING,
    RECEIPT,
    HandedCommitment,
    HandedOpening,
    SubmissionReceipt,
)
from trainer.batches.posted import openings_of, posted_batch
from trainer.ports import BlobStore, Mailbox, RoundBoard
from trainer.protocol.batch_schedule import BatchSchedule
from trainer.protocol.round_state import RoundState, phase_at
from trainer.types import ZERO_WORD, Phase

__all__ = ["Batching"]


@final
class Batching:
    """Posts batches for one coordinator.

    Args:
        board: seen by the coordinator's account.
        blobs: where the batches' documents go.
        mailbox: where participants hand in.
        code_checker: the chain's answer for contract accounts that take part.
    """

    def __init__(
        self,
        board: RoundBoard,
        blobs: BlobStore,
        mailbox: Mailbox,
        code_checker: ContractSignatureChecker | None = None,
    ) -> None:
        self._board, self._blobs, self._mailbox = board, blobs, mailbox
        self._code_checker = code_checker
        self._domain = rounds_domain(board.chain_id, board.rounds_address)
        self._posted: dict[tuple[bytes, int], CommitmentBatch] = {}
        # By whom it lies under and in which round, as both are what is checked.
        self._checked: dict[tuple[bytes, str, bytes], HandedCommitment] = {}
        # What opens a commitment opens it for good: it is read once.
        self._opened: dict[tuple[bytes, str, bytes], Opening] = {}
        self._confirmed: set[tuple[bytes, str]] = set()
        self.ignored: dict[str, str] = {}
        """Why something in the mailbox was passed over, by the address it was laid down under."""

    def step(self, state: RoundState, now: int) -> bool:
        """Posts what is due, and returns whether anything was posted.

        Raises:
            StorageError: a document can't be stored, or a posted one can't be had.
            Reverted: the chain refused.
        """
        match phase_at(state, now):
            case Phase.ENROLMENT | Phase.COMMIT:
                return self._commit(state, now)
            case Phase.REVEAL:
                return self._reveal(state, now)
            case _:
                return False

    # commitments

    def _commit(self, state: RoundState, now: int) -> bool:
        left = max(0, state.terms.maximum_participants - state.seats)
        arrived = self._arrived(state)[:left] if left else []
        due = BatchSchedule.of(state.terms).posts_due(now) > len(state.batches)
        if not arrived or not (due or len(arrived) == left):
            return False
        for group in self._groups(state.round_id, arrived):
            batch = CommitmentBatch.of(state.round_id, group)
            # Content first: participants and auditors look the document up as soon as it is named.
            self._blobs.put_bytes(batch.to_json())
            self._board.commit_batch(batch)
        return True

    def _groups(
        self, round_id: bytes, arrived: Sequence[SignedCommitment]
    ) -> list[list[SignedCommitment]]:
        """Returns the batches to post: whose key signed together, any other account by itself.

        A contract's answer may change: it could end a batch that it stands in.
        """
        by_key = [e for e in arrived if is_by_key(self._domain, round_id, e)]
        starts = range(0, len(by_key), MOST_IN_BATCH)
        together = [list(by_key[start : start + MOST_IN_BATCH]) for start in starts]
        keys = {entry.participant for entry in by_key}
        return together + [[entry] for entry in arrived if entry.participant not in keys]

    def _arrived(self, state: RoundState) -> Sequence[SignedCommitment]:
        """Returns good commitments of participants that have no seat yet, by ascending address."""
        seated = set(state.enrolled)
        for number in state.standing:
            seated |= {e.participant for e in self._batch(state, number).commitments}
        found = []
        for sender, data in self._mailbox.documents(state.round_id, COMMITMENT).items():
            if sender in seated:
                continue
            try:
                found.append(self._checked_commitment(state, sender, data).entry)
            except (ConfigError, SignatureInvalid) as error:
                self.ignored[sender] = str(error)
        return sorted(found, key=lambda entry: address_order(entry.participant))

    def _checked_commitment(self, state: RoundState, sender: str, data: bytes) -> HandedCommitment:
        key = state.round_id, sender, data
        if key in self._checked:
            return self._checked[key]
        handed = HandedCommitment.parse(data)
        if (handed.entry.participant, handed.round_id) != (sender, state.round_id):
            raise ConfigError(f"expected the commitment of {sender} for this round")
        root = state.terms.allow_list_root
        if root != ZERO_WORD and not verify_leaf(
            root, ["address"], [sender], handed.allow_list_proof
        ):
            raise ConfigError(f"{sender} is not on the round's allow-list")
        check_signature(self._domain, state.round_id, handed.entry, self._code_checker)
        self._checked[key] = handed
        return handed

    # reveals

    def count_once(self, state: RoundState) -> bool:
        """Shows whom the chain counts twice, if too few revealed; returns whether there was any.

        Otherwise a participant that is revealed in its batch and by itself would keep a round
        that fell short from being voided, and the coordinator would forfeit its bond.
        """
        revealed = openings_of(self._blobs, state, self._domain)
        if len(revealed) >= state.terms.minimum_participants:
            return False
        shown = False
        for batch in state.standing.values():
            if not batch.revealed_document:
                continue
            reveals = read_reveals(self._blobs.get_bytes(batch.revealed_document, LARGEST_BATCH))
            twice = {r.participant for r in reveals.reveals} & set(state.reveals)
            for participant in sorted(twice - batch.counted_once):
                self._board.count_once(reveals, participant)
                shown = True
        return shown

    def _reveal(self, state: RoundState, now: int) -> bool:
        at_hand = {n: self._openings(state, self._batch(state, n)) for n in state.standing}
        self._confirm(state, [opened for found in at_hand.values() for opened in found])
        due = BatchSchedule.of(state.terms).post_reveals <= now
        posted = False
        for number, found in sorted(at_hand.items()):
            if state.batches[number].revealed_document:
                continue
            members = {entry.participant for entry in self._batch(state, number).commitments}
            # Who enrolled as well, reveals what it committed to itself, or nothing.
            waiting = members - set(state.reveals) - set(state.enrolled)
            openings = [opened for opened in found if opened.participant in waiting]
            openings = openings[: self._room(self._board.state(state.round_id), number)]
            if openings and (due or len(openings) == len(waiting)):
                reveals = RevealBatch.of(state.round_id, number, openings)
                self._blobs.put_bytes(reveals.to_json())
                self._board.reveal_batch(reveals)
                posted = True
        return posted

    @staticmethod
    def _room(state: RoundState, number: int) -> int:
        """Returns how many reveals of a batch have a seat that no other reveal takes."""
        batched = sum(b.own + b.revealed_count for b in state.standing.values())
        return max(0, min(state.room_for_posted(number), state.seats_for_batches - batched))

    def _openings(self, state: RoundState, members: CommitmentBatch) -> list[Opening]:
        found = []
        for entry in members.commitments:
            key = state.round_id, entry.participant, entry.commitment
            if key not in self._opened:
                data = self._mailbox.get(state.round_id, OPENING, entry.participant)
                if data is None:
                    continue
                try:
                    self._opened[key] = self._checked_opening(state, entry, data)
                except ConfigError as error:
                    self.ignored[entry.participant] = str(error)
                    continue
            found.append(self._opened[key])
        return found

    def _confirm(self, state: RoundState, openings: Sequence[Opening]) -> None:
        """Lays down receipts for the openings at hand, so that nobody reveals needlessly."""
        for participant in (opened.participant for opened in openings):
            if (state.round_id, participant) not in self._confirmed:
                text = SubmissionReceipt(state.round_id, participant).to_json()
                self._mailbox.put(state.round_id, RECEIPT, participant, text)
                self._confirmed.add((state.round_id, participant))

    def _checked_opening(self, state: RoundState, entry: SignedCommitment, data: bytes) -> Opening:
        opened = HandedOpening.parse(data).opened
        if opened.participant != entry.participant:
            raise ConfigError(f"expected the opening of {entry.participant}")
        made = commitment_of(self._domain, state.round_id, opened)
        if made != entry.commitment:
            raise ConfigError(
                f"the opening of {entry.participant} gives 0x{made.hex()}, "
                f"expected 0x{entry.commitment.hex()}"
            )
        # The contract can't look at weights in a batch; it would have refused this one by itself.
        if not 1 <= opened.weight <= state.terms.weight_cap:
            raise ConfigError(
                f"expected a weight from 1 to {state.terms.weight_cap}, got {opened.weight}"
            )
        return opened

    def _batch(self, state: RoundState, number: int) -> CommitmentBatch:
        key = state.round_id, number
        if key not in self._posted:
            self._posted[key] = posted_batch(self._blobs, state, number)
        return self._posted[key]
