"""From numerators to the new version: division, rounding and the server's step (A-1, A-3, F-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from registry.addresses import address_order
from registry.errors import ConfigError
from registry.fraud_proofs.stake_terms import AggregationRule, StakeTerms
from trainer.aggregation.mean import divided_sum
from trainer.aggregation.robust_trees import robust_denominator
from trainer.documents.terms_document import TermsDocument
from trainer.execution.execute import Outcome, layout_of
from trainer.staked.numerator_trees import BITS, require_enough, write_numerators
from trainer.strategies import ServerMemory, ServerState, strategy
from trainer.types import AcceptedUpdate, IntVector, Lattice, RoundTerms
from trainer.vectors.vector_roots import vector_root

__all__ = ["aggregate_of", "denominator_of", "next_state", "outcome_of"]


def denominator_of(stakes: StakeTerms, count: int, weight: int) -> int:
    """Returns what numerators are to be divided by (F-1).

    Args:
        stakes: they name the rule.
        count: how many updates there are; of a robust rule it fixes the shape of the tree.
        weight: the sum of their weights.
    """
    if stakes.rule in (AggregationRule.MEAN, AggregationRule.HIDDEN_MEAN):
        return weight
    return robust_denominator(stakes.rule, stakes.trim, count)


def aggregate_of(numerators: IntVector, denominator: int, lattice: Lattice) -> IntVector:
    """Returns `roundHalfAway(2^g · numerators / denominator)`, shape (n,), int32 (A-1).

    For the mean these are the bits that `Mean` gives for the same updates.

    Args:
        numerators: shape (n,), 64-bit integers of either byte order.
        denominator: at least 1.
        lattice: its guard bits are g.

    Raises:
        AggregationError: a denominator below 1.
    """
    native = np.asarray(numerators, dtype=np.int64)
    return divided_sum(native, denominator, lattice)


def next_state(
    base: Mapping[str, torch.Tensor],
    memory: ServerMemory,
    terms: RoundTerms,
    document: TermsDocument,
    aggregate: IntVector,
) -> ServerState:
    """Returns the new version's tensors, and what its server remembers (A-7).

    A pure function of base, terms and aggregate (A-4).

    Args:
        base: the base version's tensors.
        memory: what was remembered there.
        terms: the round's.
        document: the round's.
        aggregate: shape (n,), int32.

    Raises:
        AggregationError: aggregate or memory don't fit the layout.
        ConfigError: terms and document don't belong together, or an unknown strategy.
    """
    if document.strategy != terms.strategy or document.digest != terms.document_digest:
        raise ConfigError("the terms document isn't the one that the round's terms name")
    rule = strategy(document.strategy, document.strategy_parameters)
    return rule.apply(rule.init(base, layout_of(base, document), terms.lattice, memory), aggregate)


def outcome_of(
    base: Mapping[str, torch.Tensor],
    terms: RoundTerms,
    document: TermsDocument,
    stakes: StakeTerms,
    updates: Sequence[AcceptedUpdate],
    path: Path,
    memory: ServerMemory,
) -> Outcome:
    """Returns a staked round's outcome; its result root is that of the top's numerators (F-8).

    Args:
        base: the base version's tensors.
        terms: the round's.
        document: the round's.
        stakes: the round's; they name the rule.
        updates: those that count, in any order.
        path: a file for the numerators.
        memory: what the server remembers at the base version.

    Raises:
        AggregationError: no update, or one that doesn't fit the rule or the layout.
        ConfigError: terms and document don't belong together.
    """
    require_enough(stakes, len(updates))
    # Who stands in which group of a robust rule follows from the order of addresses.
    ordered = sorted(updates, key=lambda update: address_order(update.participant))
    weights = [update.weight for update in ordered]
    vectors = [update.vector for update in ordered]
    numerators = write_numerators(path, stakes.rule, stakes.trim, vectors, weights)
    divided_by = denominator_of(stakes, len(updates), sum(weights))
    aggregate = aggregate_of(numerators, divided_by, terms.lattice)
    state = next_state(base, memory, terms, document, aggregate)
    return Outcome(aggregate, vector_root(numerators, BITS), state.tensors, state.memory)
