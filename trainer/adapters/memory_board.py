"""A board in memory: the same phases, ids and refusals as the chain's, for trials and tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import final

from registry.documents.batch_entries import Opening
from registry.documents.batch_signatures import check_commitments, check_openings
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.errors import RoundError
from registry.merkle import verify as verify_leaf
from registry.phases import wrong_phase_text
from registry.signing import Domain, rounds_domain
from trainer.adapters.memory_hidden import MemoryHiddenBoard
from trainer.adapters.memory_ledger import MemoryLedger
from trainer.documents.update_folders import commitment as commitment_of
from trainer.errors import WrongPhase
from trainer.ports import PaidOff, PublishedVersion, RoundBoard
from trainer.protocol.actions import is_lost
from trainer.protocol.round_events import (
    BatchCommitted,
    BatchRevealed,
    CountedOnce,
    ParticipantEnrolled,
    ResultProposed,
    RoundEvent,
    RoundFinalised,
    RoundVoided,
    UpdateCommitted,
    UpdateRevealed,
)
from trainer.protocol.round_state import RoundState, apply, phase_at
from trainer.types import ZERO_WORD, Phase, ProposedResult, RoundTerms

__all__ = ["MemoryBoard"]


@final
class MemoryBoard(RoundBoard):
    """One account's hands on a shared ledger.

    Args:
        ledger: shared by every account's board.
        account: the checksummed address that acts.
    """

    def __init__(self, ledger: MemoryLedger, account: str) -> None:
        self._ledger = ledger
        self._account = account
        self._hidden = MemoryHiddenBoard(ledger, account)

    @property
    def account(self) -> str:
        """The address that acts."""
        return self._account

    @property
    def chain_id(self) -> int:
        """The ledger's chain id."""
        return self._ledger.chain_id

    @property
    def rounds_address(self) -> str:
        """The address that stands for the rounds' contract."""
        return self._ledger.rounds_address

    def versions(self, model_id: bytes) -> list[PublishedVersion]:
        """Returns a model's versions by ascending number."""
        return list(self._ledger.model(model_id).versions)

    def open_round(self, terms: RoundTerms) -> bytes:
        """Opens a round; for the owner and publishers of the model."""
        model = self._ledger.model(terms.model_id)
        if not model.may_publish(self._account):
            raise RoundError(f"{self._account} is no publisher of the model; ask its owner")
        if terms.base_version > len(model.versions):
            raise RoundError(f"the model has no version {terms.base_version}")
        if terms.enrolment_deadline <= self._ledger.clock.now():
            raise RoundError("expected an enrolment deadline in the future")
        number = len(self._ledger.rounds_of(terms.model_id)) + 1
        round_id = self._ledger.round_id(terms.model_id, number)
        self._ledger.rounds[round_id] = RoundState(round_id, self._account, number, terms)
        return round_id

    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's rounds."""
        return self._ledger.rounds_of(model_id)

    def state(self, round_id: bytes) -> RoundState:
        """Returns a round's state."""
        if round_id not in self._ledger.rounds:
            raise RoundError(f"no round 0x{round_id.hex()}")
        state, hidden = self._ledger.rounds[round_id], self._ledger.hidden.get(round_id)
        return state if hidden is None else replace(state, hiding=hidden.hiding(state.reveals))

    @property
    def hidden(self) -> MemoryHiddenBoard:
        """Hidden rounds, for the same account."""
        return self._hidden

    def enrol(self, round_id: bytes, allow_list_proof: Sequence[bytes] = ()) -> None:
        """Takes a seat for this account."""
        state = self.state(round_id)
        if self._account in state.enrolled:
            return
        self._require(state, Phase.ENROLMENT)
        root = state.terms.allow_list_root
        if root != ZERO_WORD and not verify_leaf(
            root, ["address"], [self._account], allow_list_proof
        ):
            raise RoundError(f"{self._account} is not on the round's allow-list")
        self._record(state, ParticipantEnrolled(self._account))

    def commit(self, round_id: bytes, commitment: bytes) -> None:
        """Commits for this account; the first commitment stays."""
        state = self.state(round_id)
        if state.commitments.get(self._account) == commitment:
            return
        self._require(state, Phase.COMMIT)
        if int.from_bytes(commitment, "big") <= 1 or len(commitment) != 32:
            raise RoundError("expected a commitment of 32 bytes, above 1")
        self._record(state, UpdateCommitted(self._account, commitment))

    def reveal(self, round_id: bytes, participant: str, opening: Opening) -> None:
        """Opens a participant's commitment."""
        state = self.state(round_id)
        if state.reveals.get(participant) == opening:
            return
        self._require(state, Phase.REVEAL)
        if participant not in state.commitments:
            raise RoundError(f"{participant} has not committed")
        opened = commitment_of(self.chain_id, self.rounds_address, round_id, participant, opening)
        if opened != state.commitments[participant]:
            raise RoundError(
                f"the opening of {participant} gives 0x{opened.hex()}, "
                f"expected 0x{state.commitments[participant].hex()}"
            )
        self._require_weight(state, opening)
        self._record(state, UpdateRevealed(participant, opening))

    def commit_batch(self, batch: CommitmentBatch) -> None:
        """Commits for many under one root; for the coordinator, while seats are left."""
        state = self.state(batch.round_id)
        if any(known.root == batch.root for known in state.standing.values()):
            return
        self._require(state, Phase.ENROLMENT, Phase.COMMIT)
        self._require_coordinator(state)
        if batch.round_id in self._ledger.hidden:
            raise RoundError("a hidden round takes no batches: each update survives by itself")
        check_commitments(self._domain(), batch)
        count = len(batch.commitments)
        left = max(0, state.terms.maximum_participants - state.seats)
        if count > left:
            raise RoundError(f"a batch of {count} for the {left} seats left")
        number = len(state.batches)
        self._ledger.batches[batch.round_id, number] = batch
        self._record(state, BatchCommitted(number, batch.root, count, batch.digest))

    def reveal_batch(self, reveals: RevealBatch) -> None:
        """Posts the openings of a batch; for the coordinator, once per batch."""
        state = self.state(reveals.round_id)
        known = state.batches.get(reveals.batch)
        if known is not None and known.revealed_document == reveals.digest:
            return
        self._require(state, Phase.REVEAL)
        self._require_coordinator(state)
        batch, count = self._batch(state, reveals.batch), len(reveals.reveals)
        if state.batches[reveals.batch].revealed_document:
            raise RoundError(f"batch {reveals.batch} is revealed already")
        left = state.room_for_posted(reveals.batch)
        if count > left:
            raise RoundError(f"{count} reveals for the {left} seats left")
        check_openings(self._domain(), batch, reveals)
        self._record(state, BatchRevealed(reveals.batch, reveals.root, count, reveals.digest))

    def reveal_from_batch(
        self,
        round_id: bytes,
        batch: int,
        participant: str,
        opening: Opening,
        signature_hash: bytes,
        proof: Sequence[bytes],
    ) -> None:
        """Opens one commitment of a batch by its proof."""
        state = self.state(round_id)
        if state.reveals.get(participant) == opening:
            return
        self._require(state, Phase.REVEAL)
        root = self._batch(state, batch).root
        if participant in state.enrolled:
            raise RoundError(f"{participant} has a direct seat and reveals what it committed to")
        made = commitment_of(self.chain_id, self.rounds_address, round_id, participant, opening)
        leaf = [participant, made, signature_hash]
        if not verify_leaf(root, ["address", "bytes32", "bytes32"], leaf, proof):
            raise RoundError(f"{participant} has no such commitment in batch {batch}")
        if state.room_for_own(batch) < 1:
            raise RoundError(f"every seat of batch {batch} is revealed")
        self._require_weight(state, opening)
        self._record(state, UpdateRevealed(participant, opening, batch))

    def count_once(self, reveals: RevealBatch, participant: str) -> None:
        """Shows that a participant of posted reveals revealed by itself too."""
        state = self.state(reveals.round_id)
        batch = state.batches.get(reveals.batch)
        if batch is None or batch.revealed_document != reveals.digest:
            raise RoundError(f"these are not the reveals of batch {reveals.batch}")
        if participant in batch.counted_once:
            return
        self._require(state, Phase.REVEAL, Phase.PROPOSAL)
        if participant not in state.reveals or reveals.find(participant) is None:
            raise RoundError(f"{participant} is not revealed twice")
        self._record(state, CountedOnce(reveals.batch, participant))

    def propose(self, round_id: bytes, result: ProposedResult) -> None:
        """Proposes the result; for the coordinator, before the proposal deadline."""
        state = self.state(round_id)
        if state.result == result:
            return
        self._require(state, Phase.PROPOSAL)
        self._require_coordinator(state)
        if ZERO_WORD in (result.result_root, result.version_digest, result.document_digest):
            raise RoundError("expected a result without empty digests")
        now = self._ledger.clock.now()
        hidden, closing = self._ledger.hidden.get(round_id), state.terms.enrolment_deadline
        if hidden is not None and hidden.is_waiting(closing, now):
            raise RoundError("the round waits for its secrets: nobody could check a result yet")
        counted = state.revealed - state.lost
        enough = counted >= state.terms.minimum_participants
        if not enough or not 1 <= result.accepted <= counted:
            raise RoundError(f"{result.accepted} accepted of {counted} that count: too few")
        if now >= state.terms.proposal_deadline:
            raise RoundError(f"the proposal deadline was {state.terms.proposal_deadline}")
        self._record(state, ResultProposed(result, now + state.terms.challenge_window))

    def finalise(self, round_id: bytes) -> None:
        """Makes a result final; the budget becomes the model's payouts (R-7)."""
        state = self.state(round_id)
        if state.finalised:
            return
        self._require(state, Phase.PROPOSED)
        now = self._ledger.clock.now()
        if now < state.challenge_ends_at:
            raise RoundError(f"the challenge window is open until {state.challenge_ends_at}")
        key = state.terms.model_id, state.terms.reward_token
        self._ledger.funded[key] = self._ledger.funded.get(key, 0) + state.terms.reward_budget
        self._record(state, RoundFinalised())

    def void(self, round_id: bytes) -> None:
        """Voids a lost round; the coordinator also one that still enrols (R-6)."""
        state, now = self.state(round_id), self._ledger.clock.now()
        if state.voided:
            return
        phase = phase_at(state, now)
        own = phase == Phase.ENROLMENT and self._account == state.coordinator
        if not own and not is_lost(state, now):
            raise RoundError(f"a round in {phase.name} can't be voided")
        self._record(state, RoundVoided())

    def publish_version(
        self, model_id: bytes, content_digest: bytes, round_id: bytes, parents: Sequence[bytes]
    ) -> PublishedVersion:
        """Publishes a round's version, once."""
        model = self._ledger.model(model_id)
        for version in model.versions:
            if version.round_id == round_id and version.content_digest == content_digest:
                return version
        if not model.may_publish(self._account):
            raise RoundError(f"{self._account} is no publisher of the model; ask its owner")
        known = {v.version_id for m in self._ledger.models.values() for v in m.versions}
        if not set(parents) <= known:
            raise RoundError("expected parents that are published versions")
        return self._ledger.add_version(model_id, content_digest, round_id)

    def cumulative_payouts(self, model_id: bytes, token: str) -> dict[str, int]:
        """Returns the newest payouts."""
        return dict(self._ledger.payouts.get((model_id, token), {}))

    def payouts_wait_until(self, model_id: bytes, token: str) -> int:
        """Returns when the newest payouts come into use; 0 if they are, or there are none."""
        due = self._ledger.payouts_due.get((model_id, token), 0)
        return due if due > self._ledger.clock.now() else 0

    def paid_off(self, model_id: bytes, token: str) -> PaidOff:
        """Returns what the last sweep left."""
        return self._ledger.paid_off.get((model_id, token), PaidOff())

    def post_payouts(self, model_id: bytes, token: str, cumulative: Mapping[str, int]) -> None:
        """Posts cumulative amounts; refuses more than the model was funded with (P-4)."""
        if not self._ledger.model(model_id).may_publish(self._account):
            raise RoundError(f"{self._account} is no publisher of the model; ask its owner")
        total, funded = sum(cumulative.values()), self._ledger.funded.get((model_id, token), 0)
        if total > funded:
            raise RoundError(f"payouts of {total} exceed the {funded} that funded them")
        self._ledger.payouts[model_id, token] = {a: n for a, n in cumulative.items() if n > 0}
        due = self._ledger.clock.now() + self._ledger.activation_delay
        self._ledger.payouts_due[model_id, token] = due

    def _require(self, state: RoundState, *expected: Phase) -> None:
        actual = phase_at(state, self._ledger.clock.now())
        if actual not in expected:
            raise WrongPhase(wrong_phase_text(expected[-1], actual))

    def _require_weight(self, state: RoundState, opening: Opening) -> None:
        if not 1 <= opening.weight <= state.terms.weight_cap:
            raise RoundError(
                f"expected a weight from 1 to {state.terms.weight_cap}, got {opening.weight}"
            )

    def _batch(self, state: RoundState, number: int) -> CommitmentBatch:
        if number not in state.standing:
            raise RoundError(f"the round has no batch {number} that stands")
        return self._ledger.batches[state.round_id, number]

    def _domain(self) -> Domain:
        return rounds_domain(self.chain_id, self.rounds_address)

    def _require_coordinator(self, state: RoundState) -> None:
        if self._account != state.coordinator:
            raise RoundError(f"expected the coordinator {state.coordinator}, got {self._account}")

    def _record(self, state: RoundState, event: RoundEvent) -> None:
        self._ledger.rounds[state.round_id] = apply(state, event)
