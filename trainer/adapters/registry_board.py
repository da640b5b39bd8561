"""The board on the chain: the only bridge between the trainer and RegistryClient."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from types import MappingProxyType

from registry.chain.bindings import structs
from registry.client import RegistryClient, VersionMetadata
from registry.documents.batch_entries import Opening
from registry.documents.batches import CommitmentBatch, RevealBatch
from registry.documents.labels import label_word
from registry.documents.manifest import MANIFEST_NAME, Manifest
from registry.errors import ConfigError, RoundError
from registry.index import RoundRecord
from registry.index.rounds import BatchRecord
from registry.storage import DAG_PB, Cid, list_directory, read_bytes
from registry.types import Model, Version
from registry.usecases.publishing import Publisher
from trainer.adapters.registry_hidden import RegistryHiddenBoard
from trainer.ports import PaidOff, PublishedVersion, RoundBoard
from trainer.privacy.hidden_board import HiddenBoard
from trainer.privacy.hidden_state import HiddenState
from trainer.protocol.round_state import PostedBatch, RoundState
from trainer.types import Lattice, ProposedResult, RoundTerms

__all__ = ["RegistryBoard", "state_of", "struct_of", "terms_of", "with_hiding"]

_LARGEST_MANIFEST = 16 << 20


def terms_of(struct: structs.RoundTerms) -> RoundTerms:
    """Returns the terms that the contract's struct stands for."""
    lattice = struct.lattice
    return RoundTerms(
        model_id=struct.model_id,
        base_version=struct.base_version,
        strategy=struct.strategy.rstrip(b"\0").decode("ascii", errors="replace"),
        document_digest=struct.document_digest,
        lattice=Lattice(lattice.bits, lattice.step_exponent, lattice.guard_bits, lattice.clip_norm),
        enrolment_deadline=struct.enrolment_deadline,
        commit_deadline=struct.commit_deadline,
        reveal_deadline=struct.reveal_deadline,
        proposal_deadline=struct.proposal_deadline,
        challenge_window=struct.challenge_window,
        minimum_participants=struct.minimum_participants,
        maximum_participants=struct.maximum_participants,
        allow_list_root=struct.allow_list_root,
        weight_cap=struct.weight_cap,
        reward_token=struct.reward_token,
        reward_budget=struct.reward_budget,
        forfeit=struct.forfeit,
    )


def struct_of(terms: RoundTerms) -> structs.RoundTerms:
    """Returns the contract's struct for terms."""
    lattice = terms.lattice
    return structs.RoundTerms(
        model_id=terms.model_id,
        base_version=terms.base_version,
        strategy=label_word(terms.strategy, "strategy", longest=31),
        document_digest=terms.document_digest,
        lattice=structs.Lattice(
            lattice.bits, lattice.step_exponent, lattice.guard_bits, lattice.clip_norm
        ),
        enrolment_deadline=terms.enrolment_deadline,
        commit_deadline=terms.commit_deadline,
        reveal_deadline=terms.reveal_deadline,
        proposal_deadline=terms.proposal_deadline,
        challenge_window=terms.challenge_window,
        minimum_participants=terms.minimum_participants,
        maximum_participants=terms.maximum_participants,
        allow_list_root=terms.allow_list_root,
        weight_cap=terms.weight_cap,
        reward_token=terms.reward_token,
        reward_budget=terms.reward_budget,
        forfeit=terms.forfeit,
    )


def state_of(record: RoundRecord) -> RoundState:
    """Returns a round's record, folded from events, in the trainer's own terms."""
    result = record.result
    proposed = (
        None
        if result is None
        else ProposedResult(
            result.result_root,
            result.version_digest,
            result.document_digest,
            result.accepted,
            result.total_weight,
        )
    )
    reveals = {
        participant: Opening(participant, r.update_root, r.content_digest, r.weight, r.salt)
        for participant, r in record.reveals.items()
    }
    batches = {number: _batch(b) for number, b in record.batches.items()}
    return RoundState(
        round_id=record.round_id,
        coordinator=record.coordinator,
        number=record.number,
        terms=terms_of(record.terms),
        enrolled=tuple(record.enrolled),
        commitments=MappingProxyType(dict(record.commitments)),
        batches=MappingProxyType(batches),
        reveals=MappingProxyType(reveals),
        taken_from=MappingProxyType(dict(record.taken_from)),
        result=proposed,
        challenge_ends_at=result.challenge_ends_at if result else 0,
        finalised=record.finalised,
        voided=record.voided,
    )


def with_hiding(state: RoundState, hidden: HiddenState | None) -> RoundState:
    """Returns a round's state with how far its hiding has come; of a plain one as it is."""
    return state if hidden is None else replace(state, hiding=hidden.hiding(state.reveals))


def _batch(record: BatchRecord) -> PostedBatch:
    return PostedBatch(
        record.root,
        record.count,
        record.document_digest,
        record.revealed_count,
        record.revealed_document,
        record.own,
        frozenset(record.counted_once),
        record.struck,
        record.revealed_root,
    )


class RegistryBoard(RoundBoard):
    """Rounds on the chain, seen and acted on by the client's account."""

    def __init__(self, client: RegistryClient) -> None:
        self._client, self._hidden = client, RegistryHiddenBoard(client)

    @property
    def account(self) -> str:
        """The client's address."""
        return self._client.connection.account

    @property
    def chain_id(self) -> int:
        """The chain's id."""
        return self._client.connection.gateway.chain_id

    @property
    def rounds_address(self) -> str:
        """The address of TrainingRounds."""
        return self._client.connection.chain.training_rounds.address

    @property
    def hidden(self) -> HiddenBoard:
        """Hidden rounds, for the same account."""
        return self._hidden

    @property
    def rollbacks(self) -> int:
        """How often the chain took back events that were read."""
        return self._client.connection.index.rollbacks

    def look(self) -> AbstractContextManager[None]:
        """The chain is read once for everything within."""
        return self._client.connection.look()

    def _model(self, model_id: bytes) -> Model:
        model = self._client.state().catalogue.models.get(model_id)
        if model is None:
            raise RoundError(f"no model 0x{model_id.hex()} is registered")
        return model

    def versions(self, model_id: bytes) -> list[PublishedVersion]:
        """Returns a model's versions by ascending number."""
        catalogue = self._client.state().catalogue
        return [_published(version) for version in catalogue.versions_of(model_id)]

    def open_round(self, terms: RoundTerms) -> bytes:
        """Opens a round on the chain; budget and bond are approved for exactly and held."""
        money = terms.reward_budget + terms.bond
        return self._client.rounds.open(struct_of(terms), terms.reward_token, money)

    def rounds_of(self, model_id: bytes) -> list[bytes]:
        """Returns the ids of a model's rounds by ascending number."""
        return [r.round_id for r in self._client.state().rounds.of_model(model_id)]

    def state(self, round_id: bytes) -> RoundState:
        """Returns a round's state, from the events so far."""
        record = self._client.state().rounds.rounds.get(round_id)
        if record is None:
            raise RoundError(f"there is no round 0x{round_id.hex()}")
        return with_hiding(state_of(record), self._hidden.state(round_id))

    def enrol(self, round_id: bytes, allow_list_proof: Sequence[bytes] = ()) -> None:
        """Takes a seat for this account."""
        self._client.rounds.enrol(round_id, list(allow_list_proof))

    def commit(self, round_id: bytes, commitment: bytes) -> None:
        """Commits for this account."""
        self._client.rounds.commit(round_id, commitment)

    def reveal(self, round_id: bytes, participant: str, opening: Opening) -> None:
        """Opens a participant's commitment."""
        words = opening.update_root, opening.content_digest, opening.weight, opening.salt
        self._client.rounds.reveal(round_id, participant, structs.Opening(*words))

    def commit_batch(self, batch: CommitmentBatch) -> None:
        """Posts a batch after checking every signature, contract accounts' too."""
        self._client.batches.commit(batch)

    def reveal_batch(self, reveals: RevealBatch) -> None:
        """Posts the openings of a batch after checking each."""
        self._client.batches.reveal(reveals)

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
        self._client.batches.reveal_from(
            round_id,
            batch,
            replace(opening, participant=participant),
            (signature_hash, list(proof)),
        )

    def count_once(self, reveals: RevealBatch, participant: str) -> None:
        """Shows that a participant of posted reveals revealed by itself too."""
        self._client.batches.count_once(reveals, participant)

    def propose(self, round_id: bytes, result: ProposedResult) -> None:
        """Proposes the result."""
        words = (
            result.result_root,
            result.version_digest,
            result.document_digest,
            result.accepted,
            result.total_weight,
        )
        self._client.rounds.propose(round_id, structs.Result(*words))

    def finalise(self, round_id: bytes) -> None:
        """Makes a result final."""
        self._client.rounds.finalise(round_id)

    def void(self, round_id: bytes) -> None:
        """Voids a round; the budget goes back to its funder."""
        self._client.rounds.void(round_id)

    def publish_version(
        self, model_id: bytes, content_digest: bytes, round_id: bytes, parents: Sequence[bytes]
    ) -> PublishedVersion:
        """Publishes a stored folder as the model's next version, once."""
        cid = Cid(DAG_PB, content_digest)
        description = VersionMetadata(
            licence=self._manifest(cid).licence, parents=tuple(parents), round_id=round_id
        )
        publisher = Publisher(self._client.connection)
        return _published(publisher.commit(cid, self._model(model_id), description))

    def _manifest(self, cid: Cid) -> Manifest:
        store = self._client.connection.store
        for entry in list_directory(store, cid):
            if entry.name == MANIFEST_NAME:
                return Manifest.parse(read_bytes(store, entry.cid, _LARGEST_MANIFEST))
        raise ConfigError(f"{cid}: expected a version folder with {MANIFEST_NAME}")

    def cumulative_payouts(self, model_id: bytes, token: str) -> dict[str, int]:
        """Returns the amounts under the newest payout root; empty before the first."""
        payouts = self._client.payouts
        newest = payouts.newest(self._model(model_id), token)
        return payouts.cumulative(newest) if newest else {}

    def payouts_wait_until(self, model_id: bytes, token: str) -> int:
        """Returns when the newest payout root comes into use; 0 if it is, or there is none."""
        return self._client.payouts.waits_until(self._model(model_id), token)

    def paid_off(self, model_id: bytes, token: str) -> PaidOff:
        """Returns what the last sweep left."""
        return PaidOff(*self._client.payouts.base(self._model(model_id), token))

    def post_payouts(self, model_id: bytes, token: str, cumulative: Mapping[str, int]) -> None:
        """Posts cumulative amounts as a new payout root."""
        self._client.payouts.post(self._model(model_id), token, dict(cumulative))


def _published(version: Version) -> PublishedVersion:
    return PublishedVersion(
        version.version_id, version.number, version.content.digest, version.round_id
    )
