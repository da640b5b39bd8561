"""How a round's accepted updates become one aggregate: weights, tree, rule, who is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.errors import ConfigError
from trainer.aggregation import AggregationTree, Aggregator, Mean, RobustRule, aggregator
from trainer.documents.terms_document import TermsDocument
from trainer.strategies import PLAIN, Hierarchical, Strategy, UpdateWeights, strategy
from trainer.types import AcceptedUpdate, IntVector, Lattice

__all__ = ["Combined", "check_seats", "combined", "rule_of"]


@dataclass(frozen=True, eq=False)
class Combined:
    """An aggregate, what it was weighed by, and why the rule left an update out, by participant."""

    aggregate: IntVector
    weighing: UpdateWeights = PLAIN
    excluded: Mapping[str, str] = field(default_factory=dict)


def rule_of(document: TermsDocument, strategy: Strategy) -> Aggregator[Any]:
    """Returns what combines a round's updates: the terms' rule, over a tree if they ask for one."""
    rule = aggregator(document.aggregator, document.aggregator_parameters)
    if isinstance(strategy, Hierarchical) and isinstance(rule, RobustRule):
        return AggregationTree(rule, strategy.inputs)
    # Sums of integers over a tree are the sums (`trainer.aggregation.tree`).
    return rule


def combined(
    updates: Sequence[AcceptedUpdate], document: TermsDocument, strategy: Strategy, lattice: Lattice
) -> Combined:
    """Returns what updates come to, in ascending order of their participants.

    Raises:
        AggregationError: no update, vectors that don't fit, or too few for the rule's bound.
    """
    rule = rule_of(document, strategy)
    if isinstance(rule, RobustRule) and updates:
        rule = rule.seated([update.participant for update in updates])
        state = rule.init(updates[0].vector.size, lattice)
        for update in updates:
            state = rule.add(state, update.vector, update.weight)
        decision = rule.finish_with_reasons(state)
        told = {updates[place].participant: why for place, why in decision.excluded.items()}
        return Combined(decision.values, PLAIN, told)
    weighing = strategy.weighting.weigh(updates, document.plan, lattice) if updates else PLAIN
    if not isinstance(rule, Mean):
        weighing = PLAIN
    weights = weighing.weights or [update.weight for update in updates]
    pairs = [(u.vector, weight) for u, weight in zip(updates, weights, strict=True)]
    return Combined(rule.combine(pairs, lattice), weighing)


def check_seats(document: TermsDocument, seats: range) -> None:
    """Checks that the rule can decide about every number of updates that a round may come to.

    Args:
        document: the round's.
        seats: from the fewest updates that make a result to the most.

    Raises:
        ConfigError: one of them is too few for the rule's bound.
    """
    rule = rule_of(document, strategy(document.strategy, document.strategy_parameters))
    if not isinstance(rule, RobustRule):
        return
    # Leave-one-out asks the rule what a round had come to without each of its updates.
    fewer = 1 if document.scoring == "leave_one_out" else 0
    for count in range(seats[0] - fewer, seats[-1] + 1):
        if not rule.supports(count):
            raise ConfigError(
                f"{rule.name}: a round of {seats[0]} to {seats[-1]} updates could come to {count}"
                f"{' where leave-one-out leaves one away' if fewer else ''}, and the rule needs at "
                f"least {rule.min_updates} wherever it decides; raise the fewest, or expect fewer "
                "Byzantine updates"
            )
