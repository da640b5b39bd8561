"""A participant: enrols, trains on its own data, commits to its update, reveals it.

Data never leave: what is stored and committed is the quantized difference of parameters. What a
restart needs is in a journal that only its owner can read, written before the commitment is sent.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import final

from registry.documents.batch_entries import Opening
from registry.errors import ConfigError, RoundError
from trainer.batches.submission import Handing
from trainer.documents.fetching import fetch_document, of_others
from trainer.documents.masked_updates import write_masked_update
from trainer.documents.terms_document import TermsDocument
from trainer.documents.update_folders import (
    Domain,
    Signer,
    UpdateStatement,
    commitment,
    rounds_domain,
    sign_update,
    write_update,
)
from trainer.pacing.looking_again import looking_again
from trainer.pacing.patience import Patience
from trainer.participant.buffered_updates import drop_buffered
from trainer.participant.hidden_participation import HiddenParticipation
from trainer.participant.invitations import invitation_proof
from trainer.participant.journal import JOURNAL, read_journal, write_journal
from trainer.participant.local_updates import LocalUpdates, Updates
from trainer.ports import Mailbox, RoundContext
from trainer.privacy.hidden_state import HiddenState
from trainer.privacy.masked_roots import PackedVector
from trainer.protocol.actions import (
    Action,
    BatchStatus,
    RoundStep,
    batched_action,
    participant_actions,
)
from trainer.protocol.progress import Progress
from trainer.protocol.round_state import RoundState, phase_at
from trainer.strategies import client_needs
from trainer.training.client import Training
from trainer.types import Phase
from trainer.vectors.vector_roots import vector_root

__all__ = ["Participant"]


@final
class Participant:
    """One data owner in any number of rounds.

    Args:
        context: board, storage and clock; the board is seen by the participant's account.
        signer: the participant's key; its address is the board's account.
        training: what is done with the data; see `trainer.training.client`.
        work: a folder for journals; kept between runs.
        mailbox: shared with the coordinator, who commits and reveals in batches; None: this
            participant sends its own transactions.
        updates: where updates come from; None: from the training.
        on_state: called with a round as it is found before and after each step.
        least_in_sum: of how many updates a hidden sum has to be at least that this one is in; 0:
            any round will do, even one that hides nothing.

    Raises:
        ConfigError: the signer isn't the board's account.
    """

    def __init__(
        self,
        context: RoundContext,
        signer: Signer,
        training: Training,
        work: Path,
        mailbox: Mailbox | None = None,
        updates: Updates | None = None,
        on_state: Callable[[RoundState], None] = lambda state: None,
        least_in_sum: int = 0,
    ) -> None:
        board, blobs = context.board, context.blobs
        if signer.address != board.account:
            raise ConfigError(f"expected the key of {board.account}, got that of {signer.address}")
        self._context = context
        self._signer, self._work = signer, work
        own = work / signer.address.lower()
        self._updates = updates or LocalUpdates(board, blobs, training, own, self.address)
        self._handing = None if mailbox is None else Handing(board, blobs, mailbox, signer)
        self._hidden = HiddenParticipation(context, own, least_in_sum)
        self._cleared: set[bytes] = set()
        self._on_state = on_state
        self.metrics: Mapping[str, float | str] = {}

    @property
    def context(self) -> RoundContext:
        """What the participant works on."""
        return self._context

    @property
    def address(self) -> str:
        """The participant's checksummed address."""
        return self._signer.address

    def run(self, round_id: bytes) -> None:
        """Takes part in a round from wherever it stands until nothing is left to do."""
        patience = Patience(self._context.clock)
        while (progress := self.step(round_id)).next.step is not RoundStep.LEAVE:
            if progress.acted:
                patience.renew()
            elif self._handing is not None:  # what is handed over makes no block to wait for
                patience.rest(progress.next.until)
            else:
                self._context.clock.wait_until(progress.next.until)
        self._hidden.erase_when_over(self._context.board.state(round_id))

    def step(self, round_id: bytes) -> Progress:
        """Does what the round asks of this participant now, and returns what comes next.

        Raises:
            RoundError: the journal of a commitment is lost, or the board refused.
            UpdateRefused: the trained parameters are not finite.
            TrainingError: local training failed.
            ConfigError: the training doesn't offer what the terms ask for; no seat was taken.
        """
        return looking_again(lambda: self._step(round_id), self._context.clock)

    def _step(self, round_id: bytes) -> Progress:
        state = self._context.board.state(round_id)
        self._on_state(state)
        action = self._action(state)
        if action.step in (RoundStep.ENROL, RoundStep.HAND_IN):
            if not self.is_invited(state):
                return Progress(False, Action(RoundStep.LEAVE))
            if not self.is_as_told(state):
                return Progress(False, Action(RoundStep.WAIT, state.terms.enrolment_deadline))
            self.require_offers(state)
        match action.step:
            case RoundStep.ENROL:
                self._enrol(state)
            case RoundStep.COMMIT:
                self._commit(state)
            case RoundStep.REVEAL:
                self._context.board.reveal(round_id, self.address, self._journalled(state))
            case RoundStep.HAND_IN | RoundStep.HAND_OVER | RoundStep.REVEAL_ALONE:
                self._hand(state, action.step)
            case RoundStep.WAIT | RoundStep.LEAVE:
                return Progress(False, action)
            case _:
                self._hidden.take(state, action.step)
        after = self._context.board.state(round_id)
        self._on_state(after)
        return Progress(True, self._action(after))

    def unmask(self, round_id: bytes) -> bool:
        """Takes the next step of a hidden round whose reveals are over; tells whether it did.

        Raises:
            RoundError: the board refused.
        """
        state, now = self._context.board.state(round_id), self._context.clock.now()
        action = self._hidden.after_reveal(state, now)
        if action.step in (RoundStep.WAIT, RoundStep.LEAVE):
            self._hidden.erase_when_over(state)
            return False
        self._hidden.take(state, action.step)
        return True

    def state(self, round_id: bytes) -> RoundState:
        """Returns a round as this participant's board shows it."""
        return self._context.board.state(round_id)

    def begin(self, round_id: bytes) -> None:
        """Begins training for a round that this participant is to commit to; else nothing."""
        state = self._context.board.state(round_id)
        steps = (RoundStep.COMMIT, RoundStep.HAND_IN)
        if self._action(state).step in steps and not self._journal(round_id).exists():
            self._updates.begin(state, self._document(state))

    def _enrol(self, state: RoundState) -> None:
        if client_needs(state.terms.strategy).buffers:
            # A seat is for who has an update: the round doesn't wait for anyone's training.
            self._updates.buffer(state, self._document(state))
            if (
                phase_at(self._context.board.state(state.round_id), self._context.clock.now())
                != Phase.ENROLMENT
            ):
                return
        self._context.board.enrol(state.round_id, self._allow_list_proof(state) or ())

    def is_invited(self, state: RoundState) -> bool:
        """Tells whether the round is open to all, or this participant is on its allow-list.

        Its terms document is read in any case: a seat is taken only where the rest can be done.

        Raises:
            StorageError: the terms document or the list can't be had.
            RoundError: one of them is malformed.
        """
        self._document(state)
        return self._allow_list_proof(state) is not None

    def is_as_told(self, state: RoundState) -> bool:
        """Tells whether a round that is to be hidden is hidden by now; a plain one always is.

        Raises:
            RoundError: it is hidden otherwise than its terms document says.
            StorageError: the terms document can't be had.
        """
        return self._hidden.require(state, self._document(state))

    def require_offers(self, state: RoundState) -> None:
        """Returns if this participant's training can do what the round asks for.

        Raises:
            ConfigError: it can't; the message says what is missing.
            StorageError, RoundError: the terms document can't be had, or is malformed.
        """
        self._updates.require(self._document(state))

    def allow_list_proof(self, round_id: bytes) -> list[bytes]:
        """Returns the proof that this participant is invited; empty for a round open to all.

        Raises:
            RoundError: it isn't.
            StorageError: the terms document or the list can't be had.
        """
        state = self._context.board.state(round_id)
        proof = self._allow_list_proof(state)
        if proof is None:
            raise RoundError(f"round {state.number}: {self.address} is not on its allow-list")
        return proof

    def _allow_list_proof(self, state: RoundState) -> list[bytes] | None:
        """Returns the proof that the contract asks for; None if this participant isn't invited."""
        return invitation_proof(self._context.blobs, state, self._document(state), self.address)

    def _document(self, state: RoundState) -> TermsDocument:
        with of_others(state, "terms document"):
            return fetch_document(self._context.blobs, state.terms)

    def takes_part(self, state: RoundState) -> bool:
        """Tells whether this participant is in the round and has something left to do or await."""
        return self.is_inside(state) and self._action(state).step is not RoundStep.LEAVE

    def is_inside(self, state: RoundState) -> bool:
        """Tells whether this participant has a seat in the round, or handed its update in."""
        return self.address in state.enrolled or self._standing(state) != BatchStatus()

    def has_revealed(self, state: RoundState) -> bool:
        """Tells whether this participant's update is revealed, by itself or in its batch."""
        standing = self._standing(state)
        in_batch = standing.batch is not None and not standing.left_out
        posted = in_batch and bool(state.batches[standing.batch or 0].revealed_document)
        return posted or self.address in state.reveals

    def clear_ended(self, model_id: bytes) -> None:
        """Lets the updates of rounds that are over go: until then their stake may depend on them.

        Journals stay, and what transforms and SCAFFOLD remember; storage has the updates.
        """
        for round_id in self._context.board.rounds_of(model_id):
            folder = self._work / self.address.lower() / round_id.hex()
            if round_id in self._cleared or not folder.is_dir():
                continue
            state = self._context.board.state(round_id)
            if state.voided or state.finalised:
                for part in ("base", "update"):
                    shutil.rmtree(folder / part, ignore_errors=True)
                self._hidden.erase_when_over(state)
                self._cleared.add(round_id)

    def opening(self, round_id: bytes) -> Opening:
        """Returns what this participant's commitment hides: who knows it may reveal it.

        Raises:
            RoundError: it hasn't committed in this folder.
        """
        return self._journalled(self._context.board.state(round_id))

    def _standing(self, state: RoundState) -> BatchStatus:
        if self._handing is None:
            return BatchStatus()
        journal = self._journal(state.round_id)
        return self._handing.standing(
            state, read_journal(journal, self.address) if journal.exists() else None
        )

    def _action(self, state: RoundState) -> Action:
        now = self._context.clock.now()
        if (masking := self._hidden.before_commitment(state, now)) is not None:
            return masking
        # The chain has to say of each hidden update alone whether it survived: no batches then.
        if self._handing is None or self._hidden.of(state) is not None:
            action = participant_actions(state, self.address, now)[0]
        else:
            action = batched_action(state, self.address, now, self._standing(state))
        done = action.step is RoundStep.LEAVE
        return self._hidden.after_reveal(state, now) if done else action

    def _hand(self, state: RoundState, step: RoundStep) -> None:
        handing, batch = self._handing, self._standing(state).batch
        if handing is None:
            raise RoundError("expected a mailbox to hand in to; give one")
        if step is RoundStep.HAND_IN:
            handing.hand_in(state, self._stored(state), self._allow_list_proof(state) or ())
        elif step is RoundStep.HAND_OVER:
            handing.hand_over(state, self._journalled(state))
        elif batch is not None:
            handing.reveal(state, batch, self._journalled(state))

    def _commit(self, state: RoundState) -> None:
        opening = self._stored(state)
        board = self._context.board
        made = commitment(
            board.chain_id, board.rounds_address, state.round_id, self.address, opening
        )
        board.commit(state.round_id, made)

    def _stored(self, state: RoundState) -> Opening:
        """Trains unless that is done, stores the update, and returns the opening."""
        if self._journal(state.round_id).exists():
            # Stored again after a restart: content comes before the chain.
            self._context.blobs.put_folder(self._folder(state.round_id) / "update")
        else:
            self._prepare(state)
        return self._journalled(state)

    def _prepare(self, state: RoundState) -> None:
        hidden, document = self._hidden.of(state), self._document(state)
        if not self._hidden.require(state, document):
            raise RoundError(
                f"round {state.number}: its terms hide updates, and the contract doesn't: nothing "
                "is sent in the clear"
            )
        if hidden is None:
            statement = self._write_plain(state, document)
        else:
            statement = self._write_masked(state, document, hidden)
        digest = self._context.blobs.put_folder(self._folder(state.round_id) / "update")
        told = statement.update_root, digest, statement.weight, secrets.token_bytes(32)
        write_journal(self._journal(state.round_id), Opening(self.address, *told))
        if hidden is not None:
            self._hidden.forget(hidden)
        shutil.rmtree(self._folder(state.round_id) / "base", ignore_errors=True)
        drop_buffered(self._folder(state.round_id).parent, state.terms)

    def _write_plain(self, state: RoundState, document: TermsDocument) -> UpdateStatement:
        made = self._updates.make(state, document)
        self.metrics = made.metrics
        root = vector_root(made.vector, state.terms.lattice.bits)
        statement = UpdateStatement(state.round_id, self.address, root, made.weight)
        domain = self._domain()
        signature = sign_update(self._signer, domain, statement)
        folder = self._folder(state.round_id) / "update"
        write_update(folder, made.vector, domain, statement, signature, made.evaluation)
        return statement

    def _write_masked(
        self, state: RoundState, document: TermsDocument, hidden: HiddenState
    ) -> UpdateStatement:
        packed, made = self._hidden.hide(state, hidden, lambda: self._updates.make(state, document))
        self.metrics = made.metrics
        length = hidden.terms.length(made.vector.size)
        root = PackedVector(packed, length, hidden.width).root()
        statement = UpdateStatement(state.round_id, self.address, root, 1)
        folder = self._folder(state.round_id) / "update"
        domain = self._domain()
        signature = sign_update(self._signer, domain, statement)
        write_masked_update(folder, packed, domain, statement, signature)
        return statement

    def _domain(self) -> Domain:
        return rounds_domain(self._context.board.chain_id, self._context.board.rounds_address)

    def _folder(self, round_id: bytes) -> Path:
        folder = self._work / self.address.lower() / round_id.hex()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder

    def _journal(self, round_id: bytes) -> Path:
        return self._folder(round_id) / JOURNAL

    def _journalled(self, state: RoundState) -> Opening:
        return read_journal(self._journal(state.round_id), self.address)
