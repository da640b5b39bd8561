"""The result of a round, made into its document (R-9) and into what the contract records of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from registry.addresses import address_order
from registry.documents.evaluation import EvaluationSummary
from registry.documents.parts import document_digest
from registry.documents.result import AcceptedEntry, RefusedUpdate, ResultDocument
from registry.fraud_proofs.nodes import RevealedUpdate
from trainer.documents.details import plain_detail
from trainer.scoring import shares_of
from trainer.types import ProposedResult

__all__ = ["proposal_of", "result_document"]


def result_document(
    round_id: bytes,
    result_root: bytes,
    version_digest: bytes,
    scoring: str,
    budget: int,
    updates: Sequence[RevealedUpdate],
    scores: Mapping[str, int],
    refused: Sequence[RefusedUpdate],
    aggregation: bytes | None = None,
    excluded: Mapping[str, str] | None = None,
    evaluation: EvaluationSummary | None = None,
) -> ResultDocument:
    """Returns the document of a round; shares follow from scores and budget.

    Args:
        round_id: 32 bytes.
        result_root: the root of the aggregate, 32 bytes.
        version_digest: of the new version's folder, 32 bytes.
        scoring: the rule's name.
        budget: in the token's smallest unit.
        updates: what was accepted, in any order.
        scores: by participant.
        refused: what was turned away; details are made plain and cut (`trainer.documents.details`).
        aggregation: the folder that lays the aggregation of a staked round open.
        excluded: why accepted updates were left out of the aggregate, by participant.
        evaluation: what participants measured of the base version.
    """
    shares = shares_of(scores, budget, excluded or {})
    entries = tuple(
        AcceptedEntry(
            u.participant,
            u.update_root,
            u.content_digest,
            u.weight,
            scores[u.participant],
            shares[u.participant],
        )
        for u in sorted(updates, key=lambda u: address_order(u.participant))
    )
    turned_away = sorted(
        (RefusedUpdate(r.participant, r.reason, plain_detail(r.detail)) for r in refused),
        key=lambda r: address_order(r.participant),
    )
    reasons = {who: plain_detail(why) for who, why in (excluded or {}).items()}
    rest = scoring, budget, entries, tuple(turned_away), aggregation, reasons, evaluation
    return ResultDocument(round_id, result_root, version_digest, *rest)


def proposal_of(document: ResultDocument) -> ProposedResult:
    """Returns what the contract records of a result."""
    return ProposedResult(
        document.result_root,
        document.version_digest,
        document_digest(document.to_json()),
        len(document.accepted),
        sum(entry.weight for entry in document.accepted),
    )
