"""Training rounds, folded from TrainingRounds' events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from registry.index.following import require
from registry.types import Event, ModelId, Phase, RoundId

__all__ = ["BatchRecord", "ResultRecord", "Revealed", "RoundBook", "RoundRecord"]


@dataclass(frozen=True)
class Revealed:
    """What a participant opened its commitment to."""

    update_root: bytes
    content_digest: bytes
    weight: int
    salt: bytes
    block_number: int


@dataclass
class BatchRecord:
    """A batch of commitments under one root, and of reveals under another once posted."""

    root: bytes
    count: int
    document_digest: bytes
    block_number: int = 0
    revealed_root: bytes = b""
    revealed_count: int = 0
    revealed_document: bytes = b""


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
    """One round. `terms` holds the struct's fields by their Solidity names."""

    round_id: RoundId
    model_id: ModelId
    coordinator: str
    number: int
    terms: dict[str, Any]
    block_number: int
    enrolled: list[str] = field(default_factory=list)
    commitments: dict[str, bytes] = field(default_factory=dict)
    batches: dict[int, BatchRecord] = field(default_factory=dict)
    reveals: dict[str, Revealed] = field(default_factory=dict)
    result: ResultRecord | None = None
    finalised: bool = False
    finalised_in: int = 0
    voided: bool = False

    @property
    def committed_count(self) -> int:
        """Commitments, direct and in batches."""
        return len(self.commitments) + sum(b.count for b in self.batches.values())

    @property
    def revealed_count(self) -> int:
        """Reveals, direct and in batches."""
        return len(self.reveals) + sum(b.revealed_count for b in self.batches.values())

    def phase_at(self, now: int) -> Phase:
        """Returns the phase at a block time in seconds (R-2)."""
        if self.voided:
            return Phase.VOIDED
        if self.finalised:
            return Phase.FINALISED
        if self.result is not None:
            return Phase.PROPOSED
        seats = len(self.enrolled) + sum(b.count for b in self.batches.values())
        full = seats == self.terms["maximumParticipants"]
        if now < self.terms["enrolmentDeadline"] and not full:
            return Phase.ENROLMENT
        all_committed = full and self.committed_count == seats
        if now < self.terms["commitDeadline"] and not all_committed:
            return Phase.COMMIT
        all_revealed = self.committed_count > 0 and self.revealed_count >= self.committed_count
        if now < self.terms["revealDeadline"] and not all_revealed:
            return Phase.REVEAL
        return Phase.PROPOSAL


@dataclass
class RoundBook:
    """Every round, by id and by model and number."""

    rounds: dict[RoundId, RoundRecord] = field(default_factory=dict)

    def apply(self, event: Event) -> None:
        """Takes one event in; events of no concern here are passed over."""
        step = _STEPS.get(event.name)
        if step is not None:
            step(self, event)

    def of_model(self, model_id: ModelId) -> list[RoundRecord]:
        """Returns a model's rounds by ascending number."""
        found = [r for r in self.rounds.values() if r.model_id == model_id]
        return sorted(found, key=lambda r: r.number)

    def _opened(self, event: Event) -> None:
        a = event.arguments
        require(a["roundId"] not in self.rounds, "the round is open already")
        self.rounds[a["roundId"]] = RoundRecord(
            round_id=a["roundId"],
            model_id=a["modelId"],
            coordinator=a["coordinator"],
            number=a["number"],
            terms=a["terms"],
            block_number=event.block_number,
        )

    def _enrolled(self, event: Event) -> None:
        enrolled, who = self.rounds[event.arguments["roundId"]].enrolled, event.arguments
        require(who["participant"] not in enrolled, "the participant has a seat already")
        enrolled.append(who["participant"])

    def _committed(self, event: Event) -> None:
        a = event.arguments
        commitments = self.rounds[a["roundId"]].commitments
        require(a["participant"] not in commitments, "the participant has committed already")
        commitments[a["participant"]] = a["commitment"]

    def _batch(self, event: Event) -> None:
        a = event.arguments
        require(a["batch"] not in self.rounds[a["roundId"]].batches, "the batch is there already")
        self.rounds[a["roundId"]].batches[a["batch"]] = BatchRecord(
            a["root"], a["count"], a["documentDigest"], event.block_number
        )

    def _revealed(self, event: Event) -> None:
        a = event.arguments
        revealed = a["participant"] in self.rounds[a["roundId"]].reveals
        require(not revealed, "the participant has revealed already")
        self.rounds[a["roundId"]].reveals[a["participant"]] = Revealed(
            a["updateRoot"], a["contentDigest"], a["weight"], a["salt"], event.block_number
        )

    def _batch_revealed(self, event: Event) -> None:
        a = event.arguments
        batch = self.rounds[a["roundId"]].batches[a["batch"]]
        batch.revealed_root = a["root"]
        batch.revealed_count = a["count"]
        batch.revealed_document = a["documentDigest"]

    def _proposed(self, event: Event) -> None:
        a = event.arguments
        require(self.rounds[a["roundId"]].result is None, "the round has a result already")
        self.rounds[a["roundId"]].result = ResultRecord(
            a["resultRoot"],
            a["versionDigest"],
            a["documentDigest"],
            a["accepted"],
            a["totalWeight"],
            a["challengeEndsAt"],
            event.block_number,
        )

    def _finalised(self, event: Event) -> None:
        record, a = self.rounds[event.arguments["roundId"]], event.arguments
        r, told = record.result, (a["resultRoot"], a["versionDigest"])
        result = None if r is None else (r.result_root, r.version_digest)
        require(not record.finalised and result == told, "that is not the round's result")
        record.finalised, record.finalised_in = True, event.block_number

    def _voided(self, event: Event) -> None:
        self.rounds[event.arguments["roundId"]].voided = True


_STEPS: dict[str, Callable[[RoundBook, Event], None]] = {
    "RoundOpened": RoundBook._opened,
    "ParticipantEnrolled": RoundBook._enrolled,
    "UpdateCommitted": RoundBook._committed,
    "BatchCommitted": RoundBook._batch,
    "UpdateRevealed": RoundBook._revealed,
    "BatchRevealed": RoundBook._batch_revealed,
    "ResultProposed": RoundBook._proposed,
    "RoundFinalised": RoundBook._finalised,
    "RoundVoided": RoundBook._voided,
}
