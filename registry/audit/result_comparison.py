"""Holds a round's result document against what the round comes to when it is computed again."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import Any

from registry.audit.evidence import AuditEvidence
from registry.audit.findings import FindingKind
from registry.audit.replay import Replayed, RoundReplay
from registry.documents.attestations import scores_digest
from registry.documents.result import ResultDocument
from registry.index import RoundRecord
from registry.storage import directory_cid

__all__ = ["MISSING", "ResultComparison"]

MISSING = "missing_content"
_COUNTED = "counted"
_LEAST_PART = 1_000
_UNCOUNTED = "stake"


@dataclass(frozen=True)
class ResultComparison:
    """One round's.

    Args:
        evidence: where differences are reported.
        record: the round on the chain.
        subject: how the report names the round.
        uncounted: who revealed, but doesn't count under stake (F-7).
        missing: whose content is nowhere, as the document says too.
    """

    evidence: AuditEvidence
    record: RoundRecord
    subject: str
    uncounted: Set[str]
    missing: Set[str]

    def _compare(self, kind: FindingKind, subject: str, expected: object, told: object) -> None:
        whose = f"coordinator {self.record.coordinator}"
        self.evidence.report.compare(kind, subject, expected, told, whose=whose)

    def outcome(self, found: Replayed, document: ResultDocument) -> None:
        """Who counted, the aggregate and the new version, as told and as recomputed."""
        result = self.record.result
        assert result is not None  # noqa: S101  (the caller looked)
        refused = dict.fromkeys(self.uncounted, _UNCOUNTED) | found.refused
        for participant in sorted({*refused, *document.refusals}):
            label = f"{self.subject}: update of {participant}"
            otherwise = MISSING if participant in self.missing else "accepted"
            expected = refused.get(participant, otherwise)
            told = document.refusals.get(participant, "accepted")
            kind = FindingKind.SIGNATURE if expected == "signature" else FindingKind.AGGREGATE
            self._compare(kind, label, expected, told)
        for participant in sorted({*found.excluded, *document.excluded}):
            label = f"{self.subject}: counting the update of {participant}"
            expected = found.excluded.get(participant, _COUNTED)
            told = document.excluded.get(participant, _COUNTED)
            self._compare(FindingKind.AGGREGATE, label, expected[:300], told)
        label = f"{self.subject}: what participants measured"
        measured = found.evaluation, document.evaluation
        self._compare(FindingKind.AGGREGATE, label, *measured)
        label = f"{self.subject}: aggregate"
        self._compare(FindingKind.AGGREGATE, label, found.result_root, result.result_root)
        computed = directory_cid(found.version).digest
        label = f"{self.subject}: new version"
        self._compare(FindingKind.VERSION, label, computed, result.version_digest)
        self._published(result.version_digest)

    def _published(self, version_digest: bytes) -> None:
        """A version of the model that names this round has to be the round's result."""
        for version in self.evidence.state.catalogue.versions_of(self.record.terms.model_id):
            if version.round_id == self.record.round_id:
                label = f"{self.subject}: version {version.number} published for it"
                told, whose = version.content.digest, f"publisher {version.publisher}"
                self.evidence.report.compare(
                    FindingKind.VERSION, label, version_digest, told, whose=whose
                )

    def shares(self, replay: RoundReplay, found: Replayed, document: ResultDocument) -> None:
        """Scores and shares, as told and as recomputed."""
        budget = self.record.terms.reward_budget
        label = f"{self.subject}: shares"
        if found.scores is None:
            self.evidence.report.skipped.append(f"{self.subject}: scores not computed again")
        else:
            self._scores(f"{label} (score", found.scores, document.scores)
        self._attested(document)
        if found.scores is not None:
            self._worth(replay.shares(budget, found.scores, found.excluded), document, budget)
        shares: dict[str, Any] = replay.shares(budget, document.scores, found.excluded)
        for participant in sorted({*shares, *document.shares}):
            expected, told = shares.get(participant, 0), document.shares.get(participant, 0)
            self._compare(FindingKind.SHARE, f"{label} of {participant}", expected, told)

    def _worth(self, right: dict[str, int], document: ResultDocument, budget: int) -> None:
        """A score's last bit may differ, but not be worth more than a thousandth of the budget."""
        for participant in sorted({*right, *document.shares}):
            expected, told = right.get(participant, 0), document.shares.get(participant, 0)
            if abs(expected - told) * _LEAST_PART > budget:
                label = f"{self.subject}: share of {participant} by the scores worked out again"
                self.evidence.report.differ(FindingKind.SHARE, label, expected, told)

    def _attested(self, document: ResultDocument) -> None:
        """What evaluators found right of a staked round are the scores of its document (F-11)."""
        staked = self.evidence.state.staked_rounds.rounds.get(self.record.round_id)
        newest = len(staked.proposals) if staked is not None else 0
        decision = self.evidence.state.evaluations.of(self.record.round_id, newest)
        # A governor that ruled otherwise stands by another finding than the signed one.
        if decision is not None and decision.correct and not decision.ruled:
            label = f"{self.subject}: scores that evaluators signed"
            told = scores_digest(document.scores)
            self._compare(FindingKind.SHARE, label, decision.scores_digest, told)

    def _scores(self, label: str, found: dict[str, int], told: dict[str, int]) -> None:
        """Scores may differ by one micro-nat, the last bit of a loss on another processor."""
        for participant in sorted({*found, *told}):
            self.evidence.report.count(str(FindingKind.SHARE))
            expected, given = found.get(participant, -1), told.get(participant, -1)
            if abs(expected - given) > 1:
                self.evidence.report.differ(
                    FindingKind.SHARE, f"{label} of {participant})", expected, given
                )
