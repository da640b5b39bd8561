"""What a round comes to, as a pure function of base, terms and accepted updates (A-4).

The coordinator runs it to propose a result; anyone else runs it again to check one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import RobustRule, aggregator
from trainer.aggregation.clustered_mean import ClusteredMean
from trainer.clusters import check_clusters
from trainer.commitments import vector_root
from trainer.parameters import Layout
from trainer.scoring import Evaluate, score_by_examples, score_by_leave_one_out
from trainer.strategies import Memory, ServerState, Strategy, strategy
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
        memory: what the strategy remembers.
        excluded: why the rule left an update out, by participant.
    """

    aggregate: IntVector
    result_root: bytes
    tensors: State
    memory: Memory = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)


def layout_of(base: Mapping[str, torch.Tensor], document: TermsDocument) -> Layout:
    """Returns the vector layout that a terms document gives for a base version (L-3, L-5).

    Raises:
        ConfigError: patterns that leave nothing to train, or a base that doesn't hold the clusters
            that the rule asks for.
    """
    layout = Layout.of(base, document.parameters, document.buffers)
    rule = aggregator(document.aggregator, document.aggregator_parameters)
    if isinstance(rule, ClusteredMean):
        check_clusters(layout, rule.clusters)
    return layout


def execute(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    updates: Sequence[AcceptedUpdate],
    memory: Memory | None = None,
) -> Outcome:
    """Returns the round's outcome; the order of the updates doesn't matter.

    Args:
        base: the base version's tensors.
        terms: the round's.
        document: the round's.
        updates: the accepted ones.
        memory: what the strategy remembers at the base version.

    Raises:
        AggregationError: no update, one that doesn't fit the layout, two of one participant, or too
            few for the rule's bound.
        ConfigError: terms and document name different strategies, or an unknown one.
    """
    rule, state = _at_base(base, terms, document, memory)
    if len({update.participant for update in updates}) != len(updates):
        raise AggregationError("expected one update per participant, got two of one")
    # Ties and lots go by places, so the places have to be the same for everybody.
    order = sorted(updates, key=lambda update: int(update.participant, 16))
    aggregate, excluded = _combined(order, terms, document)
    after = rule.apply(state, aggregate)
    told = {order[place].participant: why for place, why in excluded.items()}
    root = vector_root(aggregate, _AGGREGATE_BITS)
    return Outcome(aggregate, root, after.tensors, after.memory, told)


def _combined(
    order: Sequence[AcceptedUpdate], terms: RoundTerms, document: TermsDocument
) -> tuple[IntVector, Mapping[int, str]]:
    combines = aggregator(document.aggregator, document.aggregator_parameters)
    pairs = [(update.vector, update.weight) for update in order]
    if not isinstance(combines, RobustRule) or not pairs:
        return combines.combine(pairs, terms.lattice), {}
    state = combines.init(pairs[0][0].size, terms.lattice)
    for vector, weight in pairs:
        state = combines.add(state, vector, weight)
    decision = combines.explained(state)
    return decision.values, decision.excluded


def score(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    updates: Sequence[AcceptedUpdate],
    evaluate: Evaluate | None = None,
    excluded: Collection[str] = (),
) -> dict[str, int]:
    """Returns the scores that the terms ask for, by participant; 0 for who was left out.

    Args:
        base: the base version's tensors.
        terms: the round's.
        document: the round's.
        updates: the accepted ones.
        evaluate: the loss on the held-out set; needed for `leave_one_out` only.
        excluded: whose updates the rule left out.

    Raises:
        ConfigError: the terms need a held-out set and none is given.
    """
    if document.scoring == "examples":
        scores = score_by_examples(updates)
        return {who: 0 if who in excluded else score for who, score in scores.items()}
    if evaluate is None:
        raise ConfigError("the terms score by leave_one_out: give the held-out set's evaluation")
    rule, state = _at_base(base, terms, document)
    combines = aggregator(document.aggregator, document.aggregator_parameters)
    order = sorted(updates, key=lambda update: int(update.participant, 16))
    return score_by_leave_one_out(order, combines, rule, state, evaluate)


def _at_base(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    memory: Memory | None = None,
) -> tuple[Strategy, ServerState]:
    if document.strategy != terms.strategy or document.digest != terms.document_digest:
        raise ConfigError("the terms document isn't the one that the round's terms name")
    rule = strategy(terms.strategy, document.strategy_parameters)
    return rule, rule.init(base, layout_of(base, document), terms.lattice, memory)
