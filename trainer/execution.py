"""What a round comes to, as a pure function of base, terms and accepted updates (A-4).

The coordinator runs it to propose a result; anyone else runs it again to check one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch

from registry.errors import AggregationError, ConfigError
from trainer.commitments import vector_root
from trainer.parameters import Layout
from trainer.scoring import Evaluate, score_by_examples, score_by_leave_one_out
from trainer.strategies import ServerState, Strategy, strategy
from trainer.tensor_files import State
from trainer.terms_document import TermsDocument
from trainer.types import AcceptedUpdate, IntVector, RoundTerms

__all__ = ["Outcome", "execute", "layout_of", "score"]

_AGGREGATE_BITS = 32


@dataclass(frozen=True, eq=False)
class Outcome:
    """What the updates come to.

    Args:
        aggregate: shape (n,), int32.
        result_root: the aggregate's vector root, 32 bytes (L-4).
        tensors: the new version's.
    """

    aggregate: IntVector
    result_root: bytes
    tensors: State


def layout_of(base: Mapping[str, torch.Tensor], document: TermsDocument) -> Layout:
    """Returns the vector layout that a terms document gives for a base version (L-3, L-5)."""
    return Layout.of(base, document.parameters, document.buffers)


def execute(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    updates: Sequence[AcceptedUpdate],
) -> Outcome:
    """Returns the round's outcome; the order of the updates doesn't matter.

    Raises:
        AggregationError: no update, one that doesn't fit the layout, or two of one participant.
        ConfigError: terms and document name different strategies, or an unknown one.
    """
    rule, state = _at_base(base, terms, document)
    if len({update.participant for update in updates}) != len(updates):
        raise AggregationError("expected one update per participant, got two of one")
    pairs = ((update.vector, update.weight) for update in updates)
    aggregate = rule.aggregator.combine(pairs, terms.lattice)
    tensors = rule.apply(state, aggregate).tensors
    return Outcome(aggregate, vector_root(aggregate, _AGGREGATE_BITS), tensors)


def score(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    updates: Sequence[AcceptedUpdate],
    evaluate: Evaluate | None = None,
) -> dict[str, int]:
    """Returns the scores that the terms ask for, by participant.

    Args:
        base: the base version's tensors.
        terms: the round's.
        document: the round's.
        updates: the accepted ones.
        evaluate: the loss on the held-out set; needed for `leave_one_out` only.

    Raises:
        ConfigError: the terms need a held-out set and none is given.
    """
    if document.scoring == "examples":
        return score_by_examples(updates)
    if evaluate is None:
        raise ConfigError("the terms score by leave_one_out: give the held-out set's evaluation")
    rule, state = _at_base(base, terms, document)
    return score_by_leave_one_out(updates, rule, state, evaluate)


def _at_base(
    base: Mapping[str, torch.Tensor], terms: RoundTerms, document: TermsDocument
) -> tuple[Strategy, ServerState]:
    if document.strategy != terms.strategy or document.digest != terms.document_digest:
        raise ConfigError("the terms document isn't the one that the round's terms name")
    rule = strategy(terms.strategy)
    return rule, rule.init(base, layout_of(base, document), terms.lattice)
