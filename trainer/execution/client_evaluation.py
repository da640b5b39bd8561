"""What a round's participants measured of its base version, as anyone finds it again (R-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from registry.documents.evaluation import EvaluationSummary, summarised
from trainer.documents.terms_document import TermsDocument
from trainer.types import AcceptedUpdate

__all__ = ["evaluation_of"]


def evaluation_of(
    document: TermsDocument, round_id: bytes, weight_cap: int, updates: Sequence[AcceptedUpdate]
) -> EvaluationSummary | None:
    """Returns what those who were asked measured; None if nobody was, or too few did.

    An update that is accepted counts here, whether or not the rule left its values out. How many
    examples one has is its own word, so that they weigh no more than an update may (R-4).

    Args:
        document: the round's terms.
        round_id: 32 bytes.
        weight_cap: of the round's terms.
        updates: the accepted ones, in any order.
    """
    terms = document.client_evaluation
    if terms is None:
        return None
    asked = [u.evaluation for u in updates if terms.asks(round_id, u.participant)]
    told = [
        replace(record, examples=min(record.examples, weight_cap))
        for record in asked
        if record is not None
    ]
    return summarised(told, terms.minimum)
