"""An evaluator: works a round under stake out again and attests what it comes to (F-11).

What no contract computes, the scores and the documents, K of N evaluators sign. Each
starts from public data alone, like the watcher, and needs neither the proposer nor the others.
"""

from __future__ import annotations

from registry.documents.attestations import scores_digest
from registry.signing import AttestationStatement
from trainer.staked.outcome import Outcomes
from trainer.staked.ports import StakedBoard

__all__ = ["found_of"]


def found_of(stakes: StakedBoard, outcomes: Outcomes, round_id: bytes) -> AttestationStatement:
    """Returns what a round comes to, to be signed.

    Args:
        stakes: the round's.
        outcomes: works it out; with the validation set for leave-one-out scores.
        round_id: 32 bytes.

    Raises:
        RoundError: an update can't be had, or none counts.
        StorageError: the base or the terms document can't be had.
        ConfigError: the scores need a validation set that isn't there.
    """
    state = stakes.state(round_id)
    draft = outcomes.draft(state)
    ours = outcomes.store(state, draft)
    scores = {entry.participant: entry.score for entry in draft.document.accepted}
    return AttestationStatement(
        round_id,
        ours.version_digest,
        ours.document_digest,
        ours.payout_root,
        ours.payout_total,
        ours.payout_document,
        scores_digest(scores),
    )
