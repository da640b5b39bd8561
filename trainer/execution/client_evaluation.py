"""What a round's participants measured of its base version, as anyone finds it again (R-14)."""

from __future__ import annotations

from collections.abc import Sequence

from registry.documents.evaluation import EvaluationSummary, summarised
from trainer.documents.terms_document import TermsDocument
from trainer.types import AcceptedUpdate

__all__ = ["evaluation_of"]


def evaluation_of(
    document: TermsDocument, round_id: bytes, updates: Sequence[AcceptedUpdate]
) -> EvaluationSummary | None:
    """Returns what those who were asked measured; None if nobody was, or too few did.

    An update that is accepted counts here, whether or not the rule left its values out.

    Args:
        document: the round's terms.
        round_id: 32 bytes.
        updates: the accepted ones, in any order.
    """
    terms = document.client_evaluation
    if terms is None:
        return None
    asked = [u.evaluation for u in updates if terms.asks(round_id, u.participant)]
    return summarised([record for record in asked if record is not None], terms.minimum)
