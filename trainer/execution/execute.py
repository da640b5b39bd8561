"""What a round comes to, as a pure function of base, terms and accepted updates (A-4).

The coordinator runs it to propose a result; anyone else runs it again to check one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch

from registry.addresses import address_order
from registry.errors import AggregationError, ConfigError
from trainer.aggregation import Aggregator, Mean, RobustRule, aggregator
from trainer.aggregation.clustered_mean import ClusteredMean
from trainer.documents.terms_document import TermsDocument
from trainer.execution.combine import combined, rule_of
from trainer.execution.round_inputs import RoundInputs
from trainer.execution.screening import screened
from trainer.scoring import (
    leave_one_out,
    score_by_examples,
    score_by_leave_one_out,
)
from trainer.strategies import SampleCounts, ServerMemory, ServerState, Strategy, strategy
from trainer.types import AcceptedUpdate, IntVector
from trainer.vectors.clusters import check_clusters
from trainer.vectors.layout import Layout
from trainer.vectors.safetensors_files import State
from trainer.vectors.vector_roots import vector_root

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
        excluded: why an update was left out, by the rule or by screening; by participant.
    """

    aggregate: IntVector
    result_root: bytes
    tensors: State
    memory: ServerMemory = field(default_factory=dict)
    excluded: Mapping[str, str] = field(default_factory=dict)


def layout_of(base: Mapping[str, torch.Tensor], document: TermsDocument) -> Layout:
    """Returns the vector layout that a terms document gives for a base version (L-3, L-5).

    Raises:
        ConfigError: patterns that leave nothing to train, or a base that doesn't hold the clusters
            that the rule asks for.
    """
    layout = Layout.of(base, document.parameters, document.buffers, document.scales, document.tied)
    rule = aggregator(document.aggregator, document.aggregator_parameters)
    if isinstance(rule, ClusteredMean):
        check_clusters(layout, rule.clusters)
    return layout


def execute(inputs: RoundInputs) -> Outcome:
    """Returns the round's outcome; the order of the updates doesn't matter.

    Raises:
        AggregationError: no update, one that doesn't fit the layout, two of one participant, too
            few for the rule's bound, or none left by screening.
        ConfigError: no validation set to screen on.
    """
    updates, document = inputs.updates, inputs.document
    rule, state = _at_base(inputs)
    if len({update.participant for update in updates}) != len(updates):
        raise AggregationError("expected one update per participant, got two of one")
    order = _in_order(updates)
    out = _screened_out(order, state, inputs)
    counted = [update for update in order if update.participant not in out]
    made = combined(counted, document, rule, inputs.lattice)
    after = rule.apply(state, made.aggregate, made.weighing)
    root = vector_root(made.aggregate, _AGGREGATE_BITS)
    reasons = {**out, **made.excluded}
    return Outcome(made.aggregate, root, after.tensors, after.memory, reasons)


def _in_order(updates: Sequence[AcceptedUpdate]) -> list[AcceptedUpdate]:
    """Ties and lots go by places, so the places have to be the same for everybody."""
    return sorted(updates, key=lambda update: address_order(update.participant))


def _screened_out(
    order: Sequence[AcceptedUpdate], state: ServerState, inputs: RoundInputs
) -> dict[str, str]:
    if inputs.document.screening is None:
        return {}
    if inputs.evaluate is None:
        raise ConfigError("the terms screen updates: give the validation set's evaluation")
    out = screened(order, state, inputs.document.screening, inputs.evaluate)
    if order and len(out) == len(order):
        raise AggregationError(f"screening left none of {len(order)} updates")
    return out


def score(inputs: RoundInputs, excluded: Collection[str] = ()) -> dict[str, int]:
    """Returns the scores that the terms ask for, by participant; 0 for who was left out.

    Args:
        inputs: as `execute` takes them.
        excluded: whose updates were left out, by the rule or by screening: they score 0 (A-6).

    Raises:
        ConfigError: the terms need a validation set and none is given.
    """
    document, updates = inputs.document, inputs.updates
    if document.scoring != "leave_one_out":
        scores = score_by_examples(updates) if document.scoring == "examples" else {}
        every = {update.participant: 1 for update in updates} | scores
        return {who: 0 if who in excluded else score for who, score in every.items()}
    if inputs.evaluate is None:
        raise ConfigError("the terms score by leave_one_out: give the validation set's evaluation")
    rule, state = _at_base(inputs)
    order = _in_order(updates)
    counted = [update for update in order if update.participant not in excluded]
    combines = rule_of(document, rule)
    if isinstance(rule.weighting, SampleCounts) and isinstance(combines, Mean):
        scores = score_by_leave_one_out(counted, combines, rule, state, inputs.evaluate)
    else:
        # A robust rule decides with those that it left out: they are what it decides about.
        out = _screened_out(order, state, inputs)
        seen = [update for update in order if update.participant not in out]
        whose = [update.participant for update in counted]
        scores = leave_one_out(seen, _anew(document, rule, state), inputs.evaluate, whose)
    return {update.participant: scores.get(update.participant, 0) for update in order}


def _anew(
    document: TermsDocument, rule: Strategy, state: ServerState
) -> Callable[[Sequence[AcceptedUpdate]], State]:
    """Returns what gives the version of any updates: the weights of the others change too."""

    def version(updates: Sequence[AcceptedUpdate]) -> State:
        # Without whom the terms trust there would have been no round at all.
        if not updates or not _is_complete(updates, rule_of(document, rule)):
            return state.tensors
        made = combined(updates, document, rule, state.lattice)
        return rule.apply(state, made.aggregate, made.weighing).tensors

    return version


def _is_complete(updates: Sequence[AcceptedUpdate], rule: Aggregator[Any]) -> bool:
    if not isinstance(rule, RobustRule):
        return True
    try:
        rule.seated([update.participant for update in updates])
    except AggregationError:
        return False
    return True


def _at_base(inputs: RoundInputs) -> tuple[Strategy, ServerState]:
    document = inputs.document
    rule = strategy(document.strategy, document.strategy_parameters)
    layout = layout_of(inputs.base, document)
    return rule, rule.init(inputs.base, layout, inputs.lattice, inputs.memory)
