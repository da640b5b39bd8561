"""What a round comes to, as a pure function of base, terms and accepted updates (A-4).

The coordinator runs it to propose a result; anyone else runs it again to check one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import torch

from registry.errors import AggregationError, ConfigError
from trainer.aggregation import RobustRule, aggregator
from trainer.commitments import vector_root
from trainer.parameters import Layout
from trainer.scoring import Evaluate, score_by_examples, score_by_leave_one_out
from trainer.strategies import Memory, strategy
from trainer.tensor_files import State
from trainer.terms_document import TermsDocument
from trainer.types import AcceptedUpdate, IntVector, Lattice, RoundTerms

__all__ = ["Outcome", "combined", "execute", "layout_of", "score"]

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
    """Returns the vector layout that a terms document gives for a base version (L-3, L-5)."""
    return Layout.of(base, document.parameters, document.buffers)


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
    _check_named(terms, document)
    return combined(base, terms.lattice, document, updates, memory)


def combined(
    base: Mapping[str, torch.Tensor],
    lattice: Lattice,
    document: TermsDocument,
    updates: Sequence[AcceptedUpdate],
    memory: Memory | None = None,
) -> Outcome:
    """Returns what updates come to by a terms document and a lattice alone, in a round or not.

    Args:
        base: the base version's tensors.
        lattice: the updates'.
        document: which rules, with their parameters.
        updates: the accepted ones.
        memory: what the strategy remembers at the base version.

    Raises:
        AggregationError: as `execute`.
    """
    rule = strategy(document.strategy, document.strategy_parameters)
    state = rule.init(base, layout_of(base, document), lattice, memory)
    if len({update.participant for update in updates}) != len(updates):
        raise AggregationError("expected one update per participant, got two of one")
    # Ties and lots go by places, so the places have to be the same for everybody.
    order = sorted(updates, key=lambda update: int(update.participant, 16))
    aggregate, excluded = _aggregated(order, lattice, document)
    after = rule.apply(state, aggregate)
    told = {order[place].participant: why for place, why in excluded.items()}
    root = vector_root(aggregate, _AGGREGATE_BITS)
    return Outcome(aggregate, root, after.tensors, after.memory, told)


def _aggregated(
    order: Sequence[AcceptedUpdate], lattice: Lattice, document: TermsDocument
) -> tuple[IntVector, Mapping[int, str]]:
    combines = aggregator(document.aggregator, document.aggregator_parameters)
    pairs = [(update.vector, update.weight) for update in order]
    if not isinstance(combines, RobustRule) or not pairs:
        return combines.combine(pairs, lattice), {}
    state = combines.init(pairs[0][0].size, lattice)
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
    _check_named(terms, document)
    rule = strategy(terms.strategy, document.strategy_parameters)
    state = rule.init(base, layout_of(base, document), terms.lattice)
    combines = aggregator(document.aggregator, document.aggregator_parameters)
    order = sorted(updates, key=lambda update: int(update.participant, 16))
    return score_by_leave_one_out(order, combines, rule, state, evaluate)


def _check_named(terms: RoundTerms, document: TermsDocument) -> None:
    if document.strategy != terms.strategy or document.digest != terms.document_digest:
        raise ConfigError("the terms document isn't the one that the round's terms name")
