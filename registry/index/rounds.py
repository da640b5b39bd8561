"""Training rounds, folded from TrainingRounds' events."""

from __future__ import annotations

from dataclasses import dataclass, field

from registry.chain.bindings.events import training_rounds
from registry.chain.bindings.structs import RoundTerms
from registry.documents.batch_entries import Opening
from registry.index.following import Steps, require
from registry.phases import phase_of
from registry.types import Event, Log, ModelId, Phase, RoundId

__all__ = ["BatchRecord", "ResultRecord", "RevealRecord", "RoundIndex", "RoundRecord"]


@dataclass(frozen=True)
class RevealRecord(Opening):
    """What a participant opened its commitment to, and in which block."""

    block_number: int


@dataclass
class BatchRecord:
    """A batch of commitments under one root, and of reveals under another once posted.

    `own` counts those that were revealed one by one; `counted_once` are shown to be among both.
    """

    root: bytes
    count: int
    document_digest: bytes
    block_number: int = 0
    revealed_root: bytes = b""
    revealed_count: int = 0
    revealed_document: bytes = b""
    own: int = 0
    counted_once: set[str] = field(default_factory=set)
    struck: bool = False

    @property
    def at_most(self) -> int:
        """How many participants its reveals of either kind can be at most."""
        return min(self.count, self.own + self.revealed_count - len(self.counted_once))

    @property
    def is_revealed_from(self) -> bool:
        """Whether anything was revealed from it, so that it can't be struck any more (R-5)."""
        return self.own > 0 or self.revealed_count > 0


@dataclass(frozen=True)
class ResultRecord:
    """A proposed result. `challenge_ends_at` in seconds since 1970."""

    result_root: bytes
    version_digest: bytes
    document_digest: bytes
    accepted: int
    total_weight: int
    challenge_ends_at: int
    block_number: int = 0


@dataclass
class RoundRecord:
    """One round, with the terms that it was opened with."""

    round_id: RoundId
    model_id: ModelId
    coordinator: str
    number: int
    terms: RoundTerms
    block_number: int
    enrolled: list[str] = field(default_factory=list)
    commitments: dict[str, bytes] = field(default_factory=dict)
    batches: dict[int, BatchRecord] = field(default_factory=dict)
    reveals: dict[str, RevealRecord] = field(default_factory=dict)
    taken_from: dict[str, int] = field(default_factory=dict)
    result: ResultRecord | None = None
    finalised: bool = False
    finalised_in: int = 0
    voided: bool = False

    @property
    def standing(self) -> dict[int, BatchRecord]:
        """The batches that aren't struck, by number."""
        return {number: b for number, b in self.batches.items() if not b.struck}

    @property
    def committed_count(self) -> int:
        """Commitments, direct and in batches that stand."""
        return len(self.commitments) + sum(b.count for b in self.standing.values())

    @property
    def direct_reveals(self) -> int:
        """Reveals of direct commitments."""
        return len(self.reveals) - len(self.taken_from)

    @property
    def revealed_count(self) -> int:
        """At most how many participants revealed, as the contract counts them (R-5)."""
        batched = sum(b.at_most for b in self.standing.values())
        return min(self.direct_reveals + batched, self.terms.maximum_participants)

    def phase_at(self, now: int) -> Phase:
        """Returns the phase at a block time in seconds (R-2)."""
        return phase_of(self, now)


@dataclass
class RoundIndex:
    """Every round, by id and by model and number."""

    rounds: dict[RoundId, RoundRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        _STEPS.apply(self, event)

    def of_model(self, model_id: ModelId) -> list[RoundRecord]:
        """Returns a model's rounds by ascending number."""
        found = [r for r in self.rounds.values() if r.model_id == model_id]
        return sorted(found, key=lambda r: r.number)

    def _opened(self, event: Log[training_rounds.RoundOpened]) -> None:
        a = event.arguments
        require(a.round_id not in self.rounds, "the round is open already")
        self.rounds[a.round_id] = RoundRecord(
            round_id=a.round_id,
            model_id=a.model_id,
            coordinator=a.coordinator,
            number=a.number,
            terms=a.terms,
            block_number=event.block_number,
        )

    def _enrolled(self, event: Log[training_rounds.ParticipantEnrolled]) -> None:
        enrolled, who = self.rounds[event.arguments.round_id].enrolled, event.arguments
        require(who.participant not in enrolled, "the participant has a seat already")
        enrolled.append(who.participant)

    def _committed(self, event: Log[training_rounds.UpdateCommitted]) -> None:
        a = event.arguments
        commitments = self.rounds[a.round_id].commitments
        require(a.participant not in commitments, "the participant has committed already")
        commitments[a.participant] = a.commitment

    def _batch(self, event: Log[training_rounds.BatchCommitted]) -> None:
        a = event.arguments
        require(a.batch not in self.rounds[a.round_id].batches, "the batch is there already")
        self.rounds[a.round_id].batches[a.batch] = BatchRecord(
            a.root, a.count, a.document_digest, event.block_number
        )

    def _revealed(self, event: Log[training_rounds.UpdateRevealed]) -> None:
        a = event.arguments
        revealed = a.participant in self.rounds[a.round_id].reveals
        require(not revealed, "the participant has revealed already")
        self.rounds[a.round_id].reveals[a.participant] = RevealRecord(
            a.participant, a.update_root, a.content_digest, a.weight, a.salt, event.block_number
        )

    def _taken(self, event: Log[training_rounds.RevealedFromBatch]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        record.batches[a.batch].own += 1
        record.taken_from[a.participant] = a.batch

    def _struck(self, event: Log[training_rounds.BatchStruck]) -> None:
        a = event.arguments
        record = self.rounds[a.round_id]
        batch = record.batches[a.batch]
        require(not batch.struck, "the batch is struck already")
        require(not batch.is_revealed_from, "something was revealed from the batch already")
        batch.struck = True

    def _counted_once(self, event: Log[training_rounds.CountedOnce]) -> None:
        a = event.arguments
        self.rounds[a.round_id].batches[a.batch].counted_once.add(a.participant)

    def _batch_revealed(self, event: Log[training_rounds.BatchRevealed]) -> None:
        a = event.arguments
        batch = self.rounds[a.round_id].batches[a.batch]
        batch.revealed_root = a.root
        batch.revealed_count = a.count
        batch.revealed_document = a.document_digest

    def _proposed(self, event: Log[training_rounds.ResultProposed]) -> None:
        a = event.arguments
        require(self.rounds[a.round_id].result is None, "the round has a result already")
        self.rounds[a.round_id].result = ResultRecord(
            a.result_root,
            a.version_digest,
            a.document_digest,
            a.accepted,
            a.total_weight,
            a.challenge_ends_at,
            event.block_number,
        )

    def _finalised(self, event: Log[training_rounds.RoundFinalised]) -> None:
        record, a = self.rounds[event.arguments.round_id], event.arguments
        r, told = record.result, (a.result_root, a.version_digest)
        result = None if r is None else (r.result_root, r.version_digest)
        require(not record.finalised and result == told, "that is not the round's result")
        record.finalised, record.finalised_in = True, event.block_number

    def _voided(self, event: Log[training_rounds.RoundVoided]) -> None:
        self.rounds[event.arguments.round_id].voided = True


_STEPS = (
    Steps[RoundIndex]()
    .on(training_rounds.RoundOpened, RoundIndex._opened)
    .on(training_rounds.ParticipantEnrolled, RoundIndex._enrolled)
    .on(training_rounds.UpdateCommitted, RoundIndex._committed)
    .on(training_rounds.BatchCommitted, RoundIndex._batch)
    .on(training_rounds.UpdateRevealed, RoundIndex._revealed)
    .on(training_rounds.RevealedFromBatch, RoundIndex._taken)
    .on(training_rounds.BatchRevealed, RoundIndex._batch_revealed)
    .on(training_rounds.BatchStruck, RoundIndex._struck)
    .on(training_rounds.CountedOnce, RoundIndex._counted_once)
    .on(training_rounds.ResultProposed, RoundIndex._proposed)
    .on(training_rounds.RoundFinalised, RoundIndex._finalised)
    .on(training_rounds.RoundVoided, RoundIndex._voided)
)
